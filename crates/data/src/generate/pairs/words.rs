//! The words of the grammar, in both languages.

/// What a noun names; sets are sums.
pub(super) mod kind {
    pub(in super::super) const PERSON: u8 = 1;
    pub(in super::super) const ANIMAL: u8 = 2;
    pub(in super::super) const THING: u8 = 4;
    pub(in super::super) const FOOD: u8 = 8;
    pub(in super::super) const PAPER: u8 = 16;
    pub(in super::super) const PLACE: u8 = 32;
    pub(in super::super) const LIVING: u8 = PERSON | ANIMAL;
    pub(in super::super) const SMALL: u8 = THING | FOOD | PAPER;
    pub(in super::super) const DEAD: u8 = SMALL | PLACE;
    pub(in super::super) const ANY: u8 = LIVING | DEAD;
}

use kind::*;

/// A French gender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gender {
    M,
    F,
}

use Gender::{F, M};

pub(super) struct Noun {
    pub(super) kind: u8,
    /// Singular and plural.
    pub(super) en: [&'static str; 2],
    pub(super) fr: [&'static str; 2],
    pub(super) gender: Gender,
}

const fn noun(kind: u8, en: [&'static str; 2], fr: [&'static str; 2], gender: Gender) -> Noun {
    Noun {
        kind,
        en,
        fr,
        gender,
    }
}

pub(super) const NOUNS: &[Noun] = &[
    noun(PERSON, ["man", "men"], ["homme", "hommes"], M),
    noun(PERSON, ["woman", "women"], ["femme", "femmes"], F),
    noun(PERSON, ["boy", "boys"], ["garçon", "garçons"], M),
    noun(PERSON, ["girl", "girls"], ["fille", "filles"], F),
    noun(PERSON, ["child", "children"], ["enfant", "enfants"], M),
    noun(PERSON, ["doctor", "doctors"], ["médecin", "médecins"], M),
    noun(
        PERSON,
        ["nurse", "nurses"],
        ["infirmière", "infirmières"],
        F,
    ),
    noun(
        PERSON,
        ["neighbour", "neighbours"],
        ["voisin", "voisins"],
        M,
    ),
    noun(
        PERSON,
        ["singer", "singers"],
        ["chanteuse", "chanteuses"],
        F,
    ),
    noun(ANIMAL, ["dog", "dogs"], ["chien", "chiens"], M),
    noun(ANIMAL, ["cat", "cats"], ["chat", "chats"], M),
    noun(ANIMAL, ["horse", "horses"], ["cheval", "chevaux"], M),
    noun(ANIMAL, ["bird", "birds"], ["oiseau", "oiseaux"], M),
    noun(ANIMAL, ["cow", "cows"], ["vache", "vaches"], F),
    noun(ANIMAL, ["donkey", "donkeys"], ["âne", "ânes"], M),
    noun(ANIMAL, ["goat", "goats"], ["chèvre", "chèvres"], F),
    noun(THING, ["car", "cars"], ["voiture", "voitures"], F),
    noun(THING, ["hat", "hats"], ["chapeau", "chapeaux"], M),
    noun(THING, ["key", "keys"], ["clé", "clés"], F),
    noun(THING, ["bag", "bags"], ["sac", "sacs"], M),
    noun(
        THING,
        ["umbrella", "umbrellas"],
        ["parapluie", "parapluies"],
        M,
    ),
    noun(THING, ["chair", "chairs"], ["chaise", "chaises"], F),
    noun(THING, ["table", "tables"], ["table", "tables"], F),
    noun(THING, ["clock", "clocks"], ["horloge", "horloges"], F),
    noun(THING, ["coat", "coats"], ["manteau", "manteaux"], M),
    noun(THING, ["boat", "boats"], ["bateau", "bateaux"], M),
    noun(FOOD, ["apple", "apples"], ["pomme", "pommes"], F),
    noun(FOOD, ["orange", "oranges"], ["orange", "oranges"], F),
    noun(FOOD, ["cake", "cakes"], ["gâteau", "gâteaux"], M),
    noun(FOOD, ["egg", "eggs"], ["œuf", "œufs"], M),
    noun(PAPER, ["book", "books"], ["livre", "livres"], M),
    noun(PAPER, ["letter", "letters"], ["lettre", "lettres"], F),
    noun(
        PAPER,
        ["newspaper", "newspapers"],
        ["journal", "journaux"],
        M,
    ),
    noun(PLACE, ["house", "houses"], ["maison", "maisons"], F),
    noun(PLACE, ["school", "schools"], ["école", "écoles"], F),
    noun(PLACE, ["garden", "gardens"], ["jardin", "jardins"], M),
    noun(PLACE, ["church", "churches"], ["église", "églises"], F),
    noun(PLACE, ["shop", "shops"], ["magasin", "magasins"], M),
    noun(PLACE, ["station", "stations"], ["gare", "gares"], F),
    noun(PLACE, ["hotel", "hotels"], ["hôtel", "hôtels"], M),
];

pub(super) struct Adjective {
    /// Of what it is said.
    pub(super) of: u8,
    pub(super) en: &'static str,
    /// Masculine, the same before a vowel, feminine; the plurals of masculine and feminine.
    pub(super) fr: [&'static str; 5],
    /// Whether it stands before its noun in French.
    pub(super) before: bool,
}

const fn adjective(before: bool, of: u8, en: &'static str, fr: [&'static str; 5]) -> Adjective {
    Adjective { of, en, fr, before }
}

pub(super) const ADJECTIVES: &[Adjective] = &[
    adjective(
        true,
        ANIMAL | DEAD,
        "big",
        ["grand", "grand", "grande", "grands", "grandes"],
    ),
    adjective(
        true,
        ANY,
        "small",
        ["petit", "petit", "petite", "petits", "petites"],
    ),
    adjective(
        true,
        ANY,
        "old",
        ["vieux", "vieil", "vieille", "vieux", "vieilles"],
    ),
    adjective(
        true,
        ANY,
        "beautiful",
        ["beau", "bel", "belle", "beaux", "belles"],
    ),
    adjective(
        true,
        LIVING,
        "young",
        ["jeune", "jeune", "jeune", "jeunes", "jeunes"],
    ),
    adjective(
        true,
        ANIMAL | DEAD,
        "pretty",
        ["joli", "joli", "jolie", "jolis", "jolies"],
    ),
    adjective(
        true,
        SMALL,
        "bad",
        ["mauvais", "mauvais", "mauvaise", "mauvais", "mauvaises"],
    ),
    adjective(
        true,
        SMALL,
        "good",
        ["bon", "bon", "bonne", "bons", "bonnes"],
    ),
    adjective(
        false,
        DEAD,
        "red",
        ["rouge", "rouge", "rouge", "rouges", "rouges"],
    ),
    adjective(
        false,
        DEAD,
        "blue",
        ["bleu", "bleu", "bleue", "bleus", "bleues"],
    ),
    adjective(
        false,
        DEAD,
        "green",
        ["vert", "vert", "verte", "verts", "vertes"],
    ),
    adjective(
        false,
        ANIMAL | DEAD,
        "white",
        ["blanc", "blanc", "blanche", "blancs", "blanches"],
    ),
    adjective(
        false,
        ANIMAL | DEAD,
        "black",
        ["noir", "noir", "noire", "noirs", "noires"],
    ),
    adjective(
        false,
        LIVING,
        "tired",
        ["fatigué", "fatigué", "fatiguée", "fatigués", "fatiguées"],
    ),
    adjective(
        false,
        LIVING,
        "happy",
        ["heureux", "heureux", "heureuse", "heureux", "heureuses"],
    ),
    adjective(
        false,
        ANY,
        "strange",
        ["étrange", "étrange", "étrange", "étranges", "étranges"],
    ),
    adjective(
        false,
        SMALL,
        "heavy",
        ["lourd", "lourd", "lourde", "lourds", "lourdes"],
    ),
    adjective(
        false,
        DEAD,
        "expensive",
        ["cher", "cher", "chère", "chers", "chères"],
    ),
    adjective(
        false,
        THING | PLACE,
        "clean",
        ["propre", "propre", "propre", "propres", "propres"],
    ),
];

pub(super) struct Verb {
    /// Of what its objects are; 0 if it has none.
    pub(super) of: u8,
    /// Whether animals do it too.
    pub(super) animals: bool,
    /// Base, third person, past.
    pub(super) en: [&'static str; 3],
    /// First and third person singular, first and third person plural, participle, infinitive.
    pub(super) fr: [&'static str; 6],
}

const fn verb(of: u8, animals: bool, en: [&'static str; 3], fr: [&'static str; 6]) -> Verb {
    Verb {
        of,
        animals,
        en,
        fr,
    }
}

#[rustfmt::skip]
pub(super) const VERBS: &[Verb] = &[
    verb(ANY, true, ["see", "sees", "saw"], ["vois", "voit", "voyons", "voient", "vu", "voir"]),
    verb(ANY, true, ["find", "finds", "found"], ["trouve", "trouve", "trouvons", "trouvent", "trouvé", "trouver"]),
    verb(ANY, false, ["draw", "draws", "drew"], ["dessine", "dessine", "dessinons", "dessinent", "dessiné", "dessiner"]),
    verb(ANY, true, ["look for", "looks for", "looked for"], ["cherche", "cherche", "cherchons", "cherchent", "cherché", "chercher"]),
    verb(ANY, true, ["look at", "looks at", "looked at"], ["regarde", "regarde", "regardons", "regardent", "regardé", "regarder"]),
    verb(LIVING, true, ["wait for", "waits for", "waited for"], ["attends", "attend", "attendons", "attendent", "attendu", "attendre"]),
    verb(LIVING, false, ["listen to", "listens to", "listened to"], ["écoute", "écoute", "écoutons", "écoutent", "écouté", "écouter"]),
    verb(LIVING, true, ["follow", "follows", "followed"], ["suis", "suit", "suivons", "suivent", "suivi", "suivre"]),
    verb(DEAD, false, ["buy", "buys", "bought"], ["achète", "achète", "achetons", "achètent", "acheté", "acheter"]),
    verb(DEAD, false, ["sell", "sells", "sold"], ["vends", "vend", "vendons", "vendent", "vendu", "vendre"]),
    verb(THING | PLACE, false, ["clean", "cleans", "cleaned"], ["nettoie", "nettoie", "nettoyons", "nettoient", "nettoyé", "nettoyer"]),
    verb(SMALL, false, ["forget", "forgets", "forgot"], ["oublie", "oublie", "oublions", "oublient", "oublié", "oublier"]),
    verb(FOOD, true, ["eat", "eats", "ate"], ["mange", "mange", "mangeons", "mangent", "mangé", "manger"]),
    verb(PAPER, false, ["write", "writes", "wrote"], ["écris", "écrit", "écrivons", "écrivent", "écrit", "écrire"]),
    verb(PAPER, false, ["open", "opens", "opened"], ["ouvre", "ouvre", "ouvrons", "ouvrent", "ouvert", "ouvrir"]),
    verb(0, true, ["sleep", "sleeps", "slept"], ["dors", "dort", "dormons", "dorment", "dormi", "dormir"]),
    verb(0, false, ["work", "works", "worked"], ["travaille", "travaille", "travaillons", "travaillent", "travaillé", "travailler"]),
    verb(0, true, ["sing", "sings", "sang"], ["chante", "chante", "chantons", "chantent", "chanté", "chanter"]),
    verb(0, true, ["play", "plays", "played"], ["joue", "joue", "jouons", "jouent", "joué", "jouer"]),
    verb(0, true, ["run", "runs", "ran"], ["cours", "court", "courons", "courent", "couru", "courir"]),
];

pub(super) const GO: Verb = verb(
    PLACE,
    true,
    ["go", "goes", "went"],
    ["vais", "va", "allons", "vont", "allé", "aller"],
);
pub(super) const HAVE: Verb = verb(
    ANY,
    false,
    ["have", "has", "had"],
    ["ai", "a", "avons", "ont", "eu", "avoir"],
);
/// The imperfect and the present of être, the imperfect of avoir.
pub(super) const ETAIT: [&str; 4] = ["étais", "était", "étions", "étaient"];
pub(super) const EST: [&str; 4] = ["suis", "est", "sommes", "sont"];
pub(super) const AVAIT: [&str; 4] = ["avais", "avait", "avions", "avaient"];

/// What one *is* in English and *has* in French.
pub(super) const STATES: &[(&str, &str)] = &[
    ("hungry", "faim"),
    ("thirsty", "soif"),
    ("cold", "froid"),
    ("afraid", "peur"),
    ("right", "raison"),
    ("wrong", "tort"),
    ("sleepy", "sommeil"),
];

pub(super) const NUMBERS: &[(&str, &str)] = &[
    ("two", "deux"),
    ("three", "trois"),
    ("four", "quatre"),
    ("five", "cinq"),
    ("six", "six"),
    ("seven", "sept"),
    ("eight", "huit"),
    ("nine", "neuf"),
    ("ten", "dix"),
    ("eleven", "onze"),
    ("twelve", "douze"),
];

pub(super) const NAMES: &[(&str, Gender)] = &[
    ("Paul", M),
    ("Omar", M),
    ("Luc", M),
    ("Marie", F),
    ("Anna", F),
    ("Julie", F),
];

/// Prepositions of place; those of French may end with one that joins the article.
pub(super) const WHERE: &[(&str, &[&str])] = &[
    ("in", &["dans"]),
    ("in front of", &["devant"]),
    ("behind", &["derrière"]),
    ("near", &["près", "de"]),
    ("far from", &["loin", "de"]),
];

/// Times of the present, of the past and of the future, and of all.
pub(super) const WHEN: [&[(&str, &str)]; 4] = [
    &[
        ("every day", "tous les jours"),
        ("every week", "toutes les semaines"),
        ("now", "maintenant"),
        ("on Sundays", "le dimanche"),
    ],
    &[
        ("yesterday", "hier"),
        ("last week", "la semaine dernière"),
        ("last night", "la nuit dernière"),
        ("on Monday", "lundi"),
    ],
    &[
        ("tomorrow", "demain"),
        ("next week", "la semaine prochaine"),
        ("tonight", "ce soir"),
        ("on Friday", "vendredi"),
    ],
    &[
        ("today", "aujourd'hui"),
        ("in the morning", "le matin"),
        ("at noon", "à midi"),
    ],
];

/// Determiners that say whose: English, French masculine, feminine and plural.
pub(super) const WHOSE: &[(&str, [&str; 3])] = &[
    ("my", ["mon", "ma", "mes"]),
    ("his", ["son", "sa", "ses"]),
    ("her", ["son", "sa", "ses"]),
    ("our", ["notre", "notre", "nos"]),
    ("their", ["leur", "leur", "leurs"]),
];

/// Objects that are pronouns.
pub(super) const OBJECTS: &[(&str, &str)] = &[
    ("me", "me"),
    ("him", "le"),
    ("her", "la"),
    ("us", "nous"),
    ("them", "les"),
];
