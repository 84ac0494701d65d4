"""What an event may be called, was called, inherits and is raised by."""

import pytest

from tests.mainstem.written import mistake

ICED = "class Iced(Event):\n    glaze: str"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("class iced(Event): ...", "iced: an event's name is CamelCase ASCII"),
        ("class Iced_Cake(Event): ...", "Iced_Cake: an event's name is CamelCase ASCII"),
        ("class Glacé(Event): ...", "Glacé: an event's name is CamelCase ASCII"),
        (f"class I{'c' * 63}ed(Event): ...", "an event's name is CamelCase ASCII"),
        ("class Iced(Baked):\n    glaze: str", "Iced: an event inherits from Event alone"),
        ("class Iced(Event, Cake): ...", "Iced: an event inherits from Event alone"),
        (
            "def ice():\n    class Iced(Event): ...\n\nice()",
            "ice.<locals>.Iced: is hidden inside another",
        ),
        ("class Oven:\n    class Iced(Event): ...", "Oven.Iced: is hidden inside another"),
        (
            "class Iced(Event):\n" + "\n".join(f"    g{n}: int" for n in range(101)),
            "Iced: more than 100 fields; is it several events?",
        ),
        ("class Iced(Event, silnt=True): ...", "Iced: no such option: silnt; was= and silent="),
        ("class Iced(Event, silent='no'): ...", "Iced: silent= is True or False, not 'no'"),
        ("class Iced(Event, silent=1): ...", "Iced: silent= is True or False, not 1"),
    ],
)
def test_a_class_that_is_no_plain_fact_is_refused(text: str, said: str) -> None:
    assert said in mistake(text)


@pytest.mark.parametrize(
    ("was", "said"),
    [
        ("3", "was= is a name or a tuple of names, not 3"),
        ("['Glazed']", "was= is a name or a tuple of names, not ['Glazed']"),
        ("('Glazed', 3)", "was= is a name or a tuple of names, not ('Glazed', 3)"),
        ("'glazed cake'", "was='glazed cake' is no name an event could have had"),
        ("''", "was='' is no name an event could have had"),
        ("'Iced'", "'Iced' names an event already, today or formerly"),
        ("'Baked'", "'Baked' names an event already, today or formerly"),
        ("('Glazed', 'Glazed')", "'Glazed' names an event already, today or formerly"),
        ("'Frosted'", "'Frosted' names an event already, today or formerly"),
    ],
)
def test_a_former_name_of_an_event_is_its_own(was: str, said: str) -> None:
    frosted = "class Sugared(Event, was='Frosted'): ...\n\n"
    assert mistake(f"{frosted}class Iced(Event, was={was}): ...") == f"Iced: {said}"


def test_a_new_event_does_not_take_a_former_name() -> None:
    said = mistake("class Sugared(Event, was='Frosted'): ...\n\nclass Frosted(Event): ...")
    assert said == "Frosted: 'Frosted' names an event already, today or formerly"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ("glaze: str = was()", "Iced.glaze: was('') is no name that SQL can read"),
        ("glaze: str = was(3)", "Iced.glaze: was(3) is no name that SQL can read"),
        ("glaze: str = was('the glaze')", "Iced.glaze: was('the glaze') is no name that SQL"),
        ("glaze: str = was('glacé')", "Iced.glaze: was('glacé') is no name that SQL can read"),
        ("glaze: str = was('glaze')", "Iced.glaze: 'glaze' names another field as well"),
        ("glaze: str = was('g', 'g')", "Iced.glaze: 'g' names another field as well"),
        ("glaze: str = was('hue')\n    hue: str", "Iced.glaze: 'hue' names another field"),
        ("glaze: str = was('g')\n    hue: str = was('g')", "Iced.hue: 'g' names another field"),
        ("glaze: int = was('g', default='x')", "Iced.glaze: its default 'x' is none"),
    ],
)
def test_a_former_name_of_a_field_is_its_own(fields: str, said: str) -> None:
    assert said in mistake(f"class Iced(Event):\n    {fields}")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("@upcast('Iced', of=1)\ndef f(d): return d", "@upcast takes an event, as in @upcast("),
        ("@upcast(Event, of=1)\ndef f(d): return d", "@upcast takes an event"),
        (
            "@upcast(Iced, of=2)\ndef f(d): return d",
            "Iced: upcasts come in order; the next is of=1",
        ),
        (
            "@upcast(Iced, of=0)\ndef f(d): return d",
            "Iced: upcasts come in order; the next is of=1",
        ),
        ("upcast(Iced, of=1)(3)", "Iced: an upcast is a function from data to data"),
        ("@upcast(Iced, of=1)\ndef f(): ...", "Iced: an upcast is a function from data to data"),
        ("@upcast(Iced, of=1)\nasync def f(d): return d", "Iced: an upcast is a function"),
        ("@upcast(Iced, of=1)\ndef f(d): yield d", "Iced: an upcast is a function"),
    ],
)
def test_an_upcast_that_could_not_run_is_refused(text: str, said: str) -> None:
    assert said in mistake(f"{ICED}\n\n{text}")


def test_a_misspelled_field_is_told_with_those_there_are() -> None:
    with pytest.raises(AttributeError, match="Eaten has no field slice; it has cake, slices"):
        mistake("class Plate(State):\n    slice = last(Eaten.slice)")
    with pytest.raises(AttributeError, match="Event has no field cake; it has none"):
        mistake("class Plate(State):\n    cake = last(Event.cake)")
