"""Names for the identity cards of the demo. Each says that nobody has it: example, invented, trial."""

NAMES = {
    "sr": ("Iskra Izmišljenović", "Zora Primerić", "Vedrana Probović", "Sanja Zamišljenović", "Dunja Nepostojić"),
    "sq": ("Drita Shembulli", "Vesa Shpikura", "Arta Trilluari", "Lindita Imagjinari"),
}
OTHERS = ("Iris Exampleson", "Nora Placeholder", "Greta Samplewood")


def name_for(language: str, number: int) -> str:
    """The next name in a language; every fourth survivor has not said hers."""
    if number % 4 == 3:
        return ""
    names = NAMES.get(language, OTHERS)
    return names[number % len(names)]
