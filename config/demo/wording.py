"""Sentences that the stories share, each in the language in which a story is told; true of women and men."""

from config.demo.reading import Story

FIRST = {
    "en": "Asked in the first talk; the answers were calm, and stopping was possible at any time.",
    "sr": "Pitano u prvom razgovoru; odgovori su bili mirni i moglo je da se stane u svakom trenutku.",
    "hr": "Pitano u prvom razgovoru; odgovori su bili mirni i moglo se stati u svakom trenutku.",
    "sq": "U pyet në bisedën e parë; përgjigjet ishin të qeta dhe mund të ndalej në çdo çast.",
}
RAISED = {
    "en": "Asked everything anew: something has been added since. How we rate it, and why, was explained.",
    "sr": "Sve smo prošle ponovo: od tada se nešto dodalo. Objašnjeno je kako procenjujemo i zašto.",
    "hr": "Sve smo prošle ponovno: otad se nešto dodalo. Objašnjeno je kako procjenjujemo i zašto.",
    "sq": "I kaluam të gjitha nga e para: që atëherë është shtuar diçka. U shpjegua si e vlerësojmë dhe pse.",
}
STAYS = {
    "en": "Asked everything anew: nothing has changed since the last time, and the plan holds.",
    "sr": "Sve smo prošle ponovo: od prošlog puta se ništa nije promenilo, plan važi.",
    "hr": "Sve smo prošle ponovno: od prošlog puta ništa se nije promijenilo, plan vrijedi.",
    "sq": "I kaluam të gjitha nga e para: nga hera e fundit nuk ka ndryshuar asgjë, plani vlen.",
}
LOWERED = {
    "en": "Asked everything anew: the threats have stopped, and somebody trusted is near.",
    "sr": "Sve smo prošle ponovo: pretnje su prestale, a u blizini je osoba od poverenja.",
    "hr": "Sve smo prošle ponovno: prijetnje su prestale, a u blizini je osoba od povjerenja.",
    "sq": "I kaluam të gjitha nga e para: kërcënimet kanë pushuar dhe pranë është një person i besuar.",
}
AGAIN = {
    "en": "A new call came; it goes on.",
    "sr": "Stigao je novi poziv; nastavljamo zajedno.",
    "hr": "Stigao je novi poziv; nastavljamo dalje zajedno.",
    "sq": "Erdhi një telefonatë e re; vazhdojmë bashkë.",
}
ALL = (FIRST, RAISED, STAYS, LOWERED, AGAIN)


def say(sentence: dict[str, str], story: Story) -> str:
    """The sentence in the language of the story; in English where we have no other."""
    return sentence.get(story.language, sentence["en"])
