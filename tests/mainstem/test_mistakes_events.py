"""What a field of an event may be called, hold and default to."""

import pytest

from tests.mainstem.written import bakery, mistake

SHADOWS = "shadows an attribute of every event"
COLUMN = "the archive has a column of that name"
SNAKE = "snake_case ASCII, for SQL sees it"
ANY_KIND = "a field is str, int, float, bool, datetime, a StrEnum or a tuple of these"


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        *((name, SHADOWS) for name in "copy json dict construct validate model_dump".split()),
        *((name, SHADOWS) for name in "mro register of was model_fields".split()),
        *((name, COLUMN) for name in "tenant domain id version type schema at by".split()),
        *((name, COLUMN) for name in "command cause correlation data".split()),
        *((name, COLUMN) for name in "shard sequence index producer n arrived dt hh key".split()),
        *((name, SNAKE) for name in ("_glaze", "Glaze", "glaceGroß", "glaçage", "g" * 64)),
    ],
)
def test_a_name_that_means_something_else_is_refused(name: str, rule: str) -> None:
    said = mistake(f"class Iced(Event):\n    {name}: str")
    assert said.startswith(f"Iced.{name}: ")
    assert rule in said


@pytest.mark.parametrize(
    ("field", "rule"),
    [
        ("price: Decimal", "Decimal is not stored; keep whole numbers, such as cents"),
        ("on: date", "date is not stored; keep a datetime, or text"),
        ("on: time", f"time is not stored; {ANY_KIND}"),
        ("took: timedelta", f"timedelta is not stored; {ANY_KIND}"),
        ("photo: bytes", "bytes is not stored; keep it elsewhere, and its address here"),
        ("order: UUID", "UUID is not stored; keep it as str"),
        ("tiers: list[str]", "list is not stored; say tuple[X, ...], which can't change"),
        ("tiers: set[str]", "set is not stored; say tuple[X, ...], or one event an item"),
        ("tiers: frozenset[str]", "frozenset is not stored; say tuple[X, ...]"),
        ("tiers: dict[str, int]", "dict is not stored; give each value a field"),
        ("tiers: tuple", f"tuple is not stored; {ANY_KIND}"),
        ("tiers: tuple[str]", f"tuple is not stored; {ANY_KIND}"),
        ("tiers: tuple[str, int]", f"tuple is not stored; {ANY_KIND}"),
        ("tiers: tuple[str | None, ...]", "a list of text or None is not stored"),
        ("tiers: tuple[tuple[str, ...], ...]", "a list of list of text is not stored"),
        ("whatever: Any", "Any is not stored; say what it is"),
        ("whatever: object", "object is not stored; say what it is"),
        ("whatever: None", "NoneType is not stored"),
        ("whatever: complex", "complex is not stored"),
        ("whatever: type[int]", "type is not stored"),
        ("cake_: Baked", f"Baked is not stored; {ANY_KIND}"),
        ("oven_: BaseModel", f"BaseModel is not stored; {ANY_KIND}"),
        ("size: str | int", "str | int mixes kinds; one field holds one kind"),
        ("size: Literal[1, 2]", "Literal is not stored"),
        ('size: Literal["big", 2]', "Literal is not stored"),
    ],
)
def test_a_type_that_stores_differently_elsewhere_is_refused(field: str, rule: str) -> None:
    said = mistake(f"class Iced(Event):\n    {field}")
    assert said.startswith(f"Iced.{field.partition(':')[0]}: ")
    assert rule in said


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("class Iced(Event):\n    glaze: Sugar", "Iced: a field's type is unknown here"),
        (
            "class Iced(Event):\n    glaze: Sugar\n\nclass Sugar(StrEnum):\n    RAW = 'raw'",
            "Iced: a field's type is unknown here; define it above the event",
        ),
        ("class Hue(Enum):\n    RED = 'red'\n\nclass Iced(Event):\n    hue: Hue", "Iced.hue: Hue"),
        ("class Tier(IntEnum):\n    TOP = 1\n\nclass Iced(Event):\n    tier: Tier", "Iced.tier"),
        ("class Iced(Event):\n    cake: int", "Iced.cake is whole, but Baked.cake is text: one"),
        ("class Iced(Event):\n    toppings: str", "Iced.toppings is text, but Baked.toppings is"),
        (
            "class Iced(Event):\n    toppings: tuple[int, ...]",
            "Iced.toppings is list of whole, but Baked.toppings is list of text",
        ),
    ],
)
def test_a_type_that_nobody_could_read_is_refused(text: str, rule: str) -> None:
    assert rule in mistake(text)


@pytest.mark.parametrize(
    ("field", "rule"),
    [
        ("glaze: str = None", "its default is None, so its type says `| None`"),
        ("glaze: str | None = 'sugar'", "a field that may be None has None as its default"),
        ("glaze: int = 'sugar'", "its default 'sugar' is none: Input should be a valid integer"),
        ("glaze: int = 1.5", "its default 1.5 is none"),
        ("glaze: int = True", "its default True is none"),
        ("glaze: str = 3", "its default 3 is none: Input should be a valid string"),
        ("glaze: float = 1", "its default 1 is whole; say 1.0"),
        ("glaze: float = float('nan')", "a real number is finite"),
        ("glaze: int = 2**53", "whole numbers end at 2**53 - 1"),
        (r"glaze: str = 'a\0b'", "text holds no U+0000"),
        (r"glaze: str = '\ud800'", "text holds no lone surrogates"),
        ("glaze: datetime = datetime(2026, 1, 1)", "a moment without a time zone is ambiguous"),
        ("glaze: Literal['a', 'b'] = 'c'", "its default 'c' is none: Input should be 'a' or 'b'"),
        ("glaze: Icing = 'lemon'", "its default 'lemon' is none"),
        ("glaze: tuple[str, ...] = ['a']", "its default ['a'] is none"),
        ("glaze: tuple[str, ...] = (1,)", "its default (1,) is none"),
        ("glaze: Annotated[int, Field(gt=3)] = 3", "its default 3 is none: Input should be great"),
        ("glaze: tuple[str, ...] = Field(default_factory=tuple)", "a default is a constant"),
        ("glaze: Annotated[str, Field(default_factory=str)]", "a default is a constant"),
        ("glaze: str = Field(alias='g')", "an alias is a second name"),
        ("glaze: Annotated[str, Field(validation_alias='g')]", "an alias is a second name"),
        ("glaze: ClassVar[str] = 'sugar'", "a constant is no field; it goes above the class"),
        ("glaze: 'ClassVar[str]' = 'sugar'", "a constant is no field"),
        ("glaze: Final[str] = 'sugar'", "a constant is no field"),
        ("glaze = 'sugar'", "says no type, so it is no field"),
        ("glaze = Field(default='sugar')", "says no type, so it is no field"),
        ("_glaze = 'sugar'", "says no type, so it is no field"),
        ("model_config = {'extra': 'allow'}", "shadows an attribute of every event"),
        ("def json(self) -> str: ...", "shadows an attribute of every event"),
        ("def model_post_init(self, _) -> None: ...", "shadows an attribute of every event"),
        ("def __init__(self, glaze): ...", "shadows an attribute of every event"),
    ],
)
def test_a_default_or_line_that_would_not_be_stored_is_refused(field: str, rule: str) -> None:
    said = mistake(f"class Iced(Event):\n    {field}")
    assert said.startswith("Iced.")
    assert rule in said


@pytest.mark.parametrize(
    ("field", "kind"),
    [
        ("glaze: str", "text"),
        ("glaze: Annotated[str, Field(min_length=1)]", "text"),
        ("glaze: Icing", "Icing"),
        ("glaze: Literal['thin', 'thick'] = 'thin'", "one of thick, thin"),
        ("glaze: int = 0", "whole"),
        ("glaze: float = 1.0", "real"),
        ("glaze: bool = False", "truth"),
        ("glaze: datetime = datetime(2026, 1, 1, tzinfo=UTC)", "moment"),
        ("glaze: Optional['int'] = None", "whole or None"),
        ("glaze: None | int", "whole or None"),
        ("glaze: tuple[Icing, ...] = ()", "list of Icing"),
        ("toppings: tuple[Literal['sugar'], ...]", "list of one of sugar"),
        ("model_of: str", "text"),
    ],
)
def test_what_every_engine_reads_alike_may_be_stored(field: str, kind: str) -> None:
    with bakery(f"class Iced(Event):\n    {field}") as module:
        (shape,) = module.Iced.__shape__.fields
        assert str(shape.kind) == kind
