"""What a reaction may hear, and what an effect may hold."""

import pytest

from tests.mainstem.written import mistake

PLAIN = "a reaction is a plain function of (event, state), in no class"
SHAPE = "a reaction is (event: Published, meetup: Meetup) -> effects"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("@on()\ndef tell(e: Baked, c: Cake): ...", "@on(): takes events, as in @on(Published)"),
        ("@on\ndef tell(e: Baked, c: Cake): ...", "@on(tell): takes events, as in @on(Published)"),
        ("@on('Baked')\ndef tell(e: Baked, c: Cake): ...", "@on('Baked'): takes events"),
        ("@on(Event)\ndef tell(e: Event, c: Cake): ...", "@on(Event): takes events"),
        ("@on(Baked.cake)\ndef tell(e: Baked, c: Cake): ...", "@on(Baked.cake): takes events"),
        ("@on(Baked, Baked)\ndef tell(e: Baked, c: Cake): ...", "@on(Baked, Baked): names one"),
        ("@on(Baked)\ndef tell(e: Baked): ...", f"tell: {PLAIN}"),
        ("@on(Baked)\ndef tell(e: Baked, c: Cake, to: str): ...", f"tell: {PLAIN}"),
        ("@on(Baked)\nasync def tell(e: Baked, c: Cake): yield", f"tell: {PLAIN}"),
        ("@on(Baked)\nasync def tell(e: Baked, c: Cake): ...", f"tell: {PLAIN}"),
        ("class X:\n    @on(Baked)\n    def tell(self, e: Baked, c: Cake): ...", f"tell: {PLAIN}"),
        ("tell = on(Baked)(lambda e, c: ())", f"<lambda>: {SHAPE}"),
        ("@on(Baked)\ndef tell(e, c): ...", f"tell: {SHAPE}"),
        ("@on(Baked)\ndef tell(e: Baked, c): ...", f"tell: {SHAPE}"),
        ("@on(Baked)\ndef tell(c: Cake, e: Baked): ...", f"tell: {SHAPE}"),
        ("@on(Baked)\ndef tell(e: Baked, c: Eaten): ...", f"tell: {SHAPE}"),
        ("@on(Baked)\ndef tell(e: Baked, c: Tray): ...", "tell: name 'Tray' is not defined"),
        ("@on(Baked)\ndef tell(e: Eaten, c: Cake): ...", "tell: hears Baked but takes Eaten"),
        ("@on(Baked, Eaten)\ndef tell(e: Baked, c: Cake): ...", "tell: hears Eaten but takes"),
        (
            "@on(Burnt)\ndef tell(e: Burnt, c: Shelf): ...",
            "tell: Burnt leaves no row of Shelf behind",
        ),
        (
            "@on(tickets.Closed)\ndef tell(e: tickets.Closed, c: Cake): ...",
            "tell: Closed and Cake are of two files",
        ),
    ],
)
def test_a_reaction_that_would_never_be_called_is_refused(text: str, said: str) -> None:
    assert mistake(text).startswith(said)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("return None", "tell returns NoneType; it yields effects"),
        ("return Mail('ann', template='t')", "tell returns Mail; it yields effects"),
        ("yield 'ann'", "tell yields 'ann', which is no effect"),
        ("yield burnt", "tell yields Burnt(cake='tart'), which is no effect"),
    ],
)
def test_a_reaction_that_gives_no_effects_is_a_mistake_of_its_own(body: str, said: str) -> None:
    text = f"@on(Burnt)\ndef tell(burnt: Burnt, cake: Cake):\n    {body}\n\n"
    assert mistake(f"{text}tell(Burnt(cake='tart'), Cake())") == said


@pytest.mark.parametrize(
    ("effect", "said"),
    [
        ("Mail(to=None, template='t')", "Mail: to None, who is nobody; ask before it is made"),
        ("Mail(to='', template='t')", "Mail: to '', who is nobody"),
        ("Sms(to=None, text='t')", "Sms: to None, who is nobody"),
        ("Tell(None, tickets.Reopen())", "Tell: to None, who is nobody"),
        ("Tell('a', Burnt(cake='tart'))", "Tell: Burnt(cake='tart') is no command"),
        ("Tell('a', tickets.Reopen)", "Tell: Reopen is no command"),
        ("Call('http://example.org')", "Call('http://example.org'): a webhook's address starts"),
        ("Call(None)", "Call(None): a webhook's address starts with https://"),
        ("Mail('a', template='t', data={'x': object})", "Mail: data['x']: type is not stored"),
        ("Mail('a', template='t', data={'x': 2**60})", "Mail: data['x']: whole numbers end at"),
        ("Sms('a', text='t', data={'x': {}})", "Sms: data['x']: dict is not stored"),
        ("Call('https://x.org', data={3: 'x'})", "Call: data[3]: a name is text"),
        ("Mail('a', template='t', links={'x': 'y'})", "Mail: links['x'] is 'y'; say Link(Accept)"),
        ("Link(Cake)", "Link(Cake): names a command, as Link(Accept) does"),
        ("Link('Reopen')", "Link('Reopen'): names a command"),
        ("Digits(0, of=1)", "Digits(n=0): from 1 to 12 digits"),
        ("Digits(13, of=1)", "Digits(n=13): from 1 to 12 digits"),
        ("Digits(True, of=1)", "Digits(n=True): from 1 to 12 digits"),
        ("Digits(5, of=None)", "Digits(of=…): text or a whole number"),
        ("Digits(5, of=1.5)", "Digits(of=…): text or a whole number"),
    ],
)
def test_an_effect_that_could_not_be_kept_or_done_is_refused(effect: str, said: str) -> None:
    assert mistake(effect).startswith(said)
