"""Spoken numbers in Dutch, French, German, Italian, Portuguese and Spanish, up to 9,999.

As in `spoken_numbers`, words are written together; forms of more than one gender or region are all
there. Larger numbers are compared by their digits.
"""

from collections.abc import Callable

LARGEST = 9_999

Reader = Callable[[int], set[str]]
"""Function that returns how a number of a language is read."""

_DE = (
    "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn"
    " fünfzehn sechzehn siebzehn achtzehn neunzehn"
).split()
_DE_TENS = "- - zwanzig dreissig vierzig fünfzig sechzig siebzig achtzig neunzig".split()
_NL = (
    "nul een twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien"
    " zestien zeventien achttien negentien"
).split()
_NL_TENS = "- - twintig dertig veertig vijftig zestig zeventig tachtig negentig".split()
_FR = (
    "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze"
    " seize dixsept dixhuit dixneuf"
).split()
_FR_TENS = "- - vingt trente quarante cinquante soixante soixante quatrevingt quatrevingt".split()
_IT = (
    "zero uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici"
    " quindici sedici diciassette diciotto diciannove"
).split()
_IT_TENS = "- - venti trenta quaranta cinquanta sessanta settanta ottanta novanta".split()
_ES = (
    "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince"
    " dieciséis diecisiete dieciocho diecinueve veinte veintiuno veintidós veintitrés"
    " veinticuatro veinticinco veintiséis veintisiete veintiocho veintinueve"
).split()
_ES_TENS = "- - - treinta cuarenta cincuenta sesenta setenta ochenta noventa".split()
_ES_HUNDREDS = (
    "- ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos"
    " novecientos"
).split()
_PT = (
    "zero um dois três quatro cinco seis sete oito nove dez onze doze treze catorze quinze"
    " dezesseis dezessete dezoito dezenove"
).split()
_PT_TENS = "- - vinte trinta quarenta cinquenta sessenta setenta oitenta noventa".split()
_PT_HUNDREDS = (
    "- cento duzentos trezentos quatrocentos quinhentos seiscentos setecentos oitocentos novecentos"
).split()

OTHER_FORMS = {
    "eins": ("ein", "eine", "einen", "einem", "einer"),
    "zwei": ("zwo",),
    "un": ("une",),
    "uno": ("un", "una"),
    "um": ("uma",),
    "dois": ("duas",),
    "catorze": ("quatorze",),
    "dezesseis": ("dezasseis",),
    "dezessete": ("dezassete",),
    "dezenove": ("dezanove",),
    "cientos": ("cientas",),
}
"""Ends of numbers that have other forms, by gender or region."""


def foreign_readings(number: int) -> set[str]:
    """Return how a number is read in these languages, all together; none of a large one."""
    if number > LARGEST:
        return set()
    return {form for read, _ in _LANGUAGES for form in _forms(read(number))}


def foreign_decimals(whole: int, fraction: str) -> set[str]:
    """Return how a decimal is read in these languages, its fraction digit by digit or as one."""
    found: set[str] = set()
    for read, comma in _LANGUAGES:
        before = _forms(read(whole)) if whole <= LARGEST else set()
        after = {"".join(min(read(int(digit))) for digit in fraction)}
        if len(fraction) <= 2 and not fraction.startswith("0"):
            after |= _forms(read(int(fraction)))
        found |= {a + comma + b for a in before for b in after}
    return found


def _forms(words: set[str]) -> set[str]:
    return words | {
        word.removesuffix(end) + other
        for word in words
        for end, others in OTHER_FORMS.items()
        if word.endswith(end)
        for other in others
    }


def _german(number: int) -> set[str]:
    return _germanic(number, _DE, _DE_TENS, ("hundert", "tausend"), "und", {"eins": "ein"})


def _dutch(number: int) -> set[str]:
    joined = {"twee": "tweeën", "drie": "drieën"}
    return _germanic(number, _NL, _NL_TENS, ("honderd", "duizend"), "en", joined)


def _germanic(
    number: int,
    ones: list[str],
    tens: list[str],
    names: tuple[str, str],
    joint: str,
    joined: dict[str, str],
) -> set[str]:
    hundred, thousand = names

    def below_hundred(number: int) -> str:
        if number < 20:
            return ones[number]
        if number % 10 == 0:
            return tens[number // 10]
        one = joined.get(ones[number % 10], ones[number % 10])
        return one + ("" if one.endswith("ën") else joint) + tens[number // 10]

    def of(scale: int, name: str, before: set[str]) -> set[str]:
        short = {"ein", "een", ""}
        heads = before if number // scale != 1 else short
        rests = {""} if not number % scale else read(number % scale)
        return {head + name + rest for head in heads for rest in rests}

    def read(number: int) -> set[str]:
        return _germanic(number, ones, tens, names, joint, joined)

    if number < 100:
        return {below_hundred(number)}
    found = of(1_000, thousand, read(number // 1_000)) if number >= 1_000 else set()
    if number < 1_000 or (1_100 <= number < 2_000):  # years: neunzehnhundertneunzig
        found |= of(100, hundred, {below_hundred(number // 100)})
    return found


def _french(number: int) -> set[str]:
    if number < 20:
        return {_FR[number]}
    if number < 100:
        tens, one = divmod(number, 10)
        if tens in (7, 9):
            one += 10
        if one == 0:
            return {_FR_TENS[tens] + ("s" if tens == 8 else "")}
        et = "et" if one in (1, 11) and tens < 8 else ""
        return {_FR_TENS[tens] + et + _FR[one]}
    scale, name = (1_000, "mille") if number >= 1_000 else (100, "cent")
    head, rest = divmod(number, scale)
    heads = {""} if head == 1 else _french(head)
    if not rest:
        return (
            {h + name + s for h in heads for s in ("", "s")}
            if scale == 100
            else {h + name for h in heads}
        )
    return {h + name + r for h in heads for r in _french(rest)}


def _italian(number: int) -> set[str]:
    if number < 20:
        return {_IT[number]}
    if number < 100:
        tens, one = _IT_TENS[number // 10], number % 10
        if not one:
            return {tens}
        word = "tré" if one == 3 else _IT[one]
        return {(tens[:-1] if one in (1, 8) else tens) + word}
    scale, name = (1_000, "mila") if number >= 1_000 else (100, "cento")
    head, rest = divmod(number, scale)
    heads = {"mille" if scale == 1_000 else "cento"}
    if head > 1:
        heads = {h + name for h in _italian(head)}
    return {h + r for h in heads for r in (_italian(rest) if rest else {""})}


def _spanish(number: int) -> set[str]:
    if number < 30:
        return {_ES[number]}
    if number < 100:
        tens, one = divmod(number, 10)
        return {_ES_TENS[tens] + ("y" + _ES[one] if one else "")}
    if number == 100:
        return {"cien"}
    if number < 1_000:
        hundreds, rest = divmod(number, 100)
        return {_ES_HUNDREDS[hundreds] + r for r in (_spanish(rest) if rest else {""})}
    thousands, rest = divmod(number, 1_000)
    heads = {""} if thousands == 1 else _spanish(thousands)
    return {h + "mil" + r for h in heads for r in (_spanish(rest) if rest else {""})}


def _portuguese(number: int) -> set[str]:
    if number < 20:
        return _forms({_PT[number]})
    if number < 100:
        tens, one = divmod(number, 10)
        return {_PT_TENS[tens] + ("e" + _PT[one] if one else "")}
    if number == 100:
        return {"cem"}
    if number < 1_000:
        hundreds, rest = divmod(number, 100)
        return {_PT_HUNDREDS[hundreds] + r for r in _with_e(rest)}
    thousands, rest = divmod(number, 1_000)
    heads = {""} if thousands == 1 else _portuguese(thousands)
    rests = _with_e(rest) | (_portuguese(rest) if rest else set())
    return {h + "mil" + r for h in heads for r in rests}


def _with_e(rest: int) -> set[str]:
    return {"e" + word for word in _portuguese(rest)} if rest else {""}


_LANGUAGES: tuple[tuple[Reader, str], ...] = (
    (_german, "komma"),
    (_dutch, "komma"),
    (_french, "virgule"),
    (_italian, "virgola"),
    (_spanish, "coma"),
    (_portuguese, "vírgula"),
)
"""Reader of each language, and its word for the comma of decimals."""
