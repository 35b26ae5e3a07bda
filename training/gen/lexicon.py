"""Words of our own for the generators."""


def words(text):
    return text.split()


NAMES = words("""Anna Ben Clara David Emma Felix Grace Henry Ida Jack Kate Leo Mia Noah Olga Paul Rosa Sam Tina Victor Wendy Yusuf Zoe Amir
Bella Carl Dora Erik Fiona George Hanna Ivan Julia Karl Lily Maria Nina Oscar Peter Ruth Simon Tom Uma Vera Will Li Mei Omar Priya Kofi""")
BOYS = words("Ben David Felix Henry Jack Leo Noah Paul Sam Victor Yusuf Amir Carl Erik George Ivan Karl Oscar Peter Simon Tom Will Omar Kofi")
GIRLS = words("""Anna Clara Emma Grace Ida Kate Mia Olga Rosa Tina Wendy Zoe Bella Dora Fiona Hanna Julia Lily Maria Nina Ruth Uma Vera Mei
Priya""")
ANIMALS = words("""cat dog bird fish horse rabbit fox bear mouse duck owl frog sheep goat cow pig hen turtle bee ant wolf deer squirrel
hedgehog lion tiger monkey elephant whale seal""")
THINGS = words("""ball book box cup hat key lamp boat bell coin map kite drum ring stone basket blanket clock ladder mirror pencil bottle
candle button feather shell rope wheel bucket spoon chair bag letter flute jar brush""")
FOODS = words("""apple pear bread cheese soup cake honey plum carrot potato cherry egg milk rice onion lemon tomato butter berry nut pie
melon peach bean""")
PLACES = words("""garden forest river lake hill village town market school library kitchen barn beach island bridge tower farm park meadow
station harbour mill cave field castle""")
COLOURS = words("red blue green yellow white black brown grey pink purple orange silver golden")
CITIES = words("""Paris London Rome Madrid Berlin Vienna Oslo Lima Cairo Delhi Tokyo Seoul Quito Dublin Prague Lisbon Athens Warsaw Havana
Nairobi Accra Bern Boston Denver Austin""")
MOODS = words("happy sad tired hungry brave kind small old young quiet proud clever lonely curious gentle busy")
JOBS = words("baker farmer teacher doctor sailor painter miller hunter king queen builder singer tailor fisher gardener clerk nurse pilot")
VERBS = {"see": "saw", "find": "found", "carry": "carried", "lose": "lost", "hide": "hid", "paint": "painted", "clean": "cleaned",
         "bring": "brought", "keep": "kept", "open": "opened", "drop": "dropped", "repair": "repaired"}
MONTHS = words("January February March April May June July August September October November December")
DAYS = words("Monday Tuesday Wednesday Thursday Friday Saturday Sunday")


def an(word):
    return ("an " if word[0].lower() in "aeiou" else "a ") + word


def join(items, last="and"):
    items = list(items)
    return items[0] if len(items) == 1 else ", ".join(items[:-1]) + f" {last} " + items[-1]
