//! Who buys: invented people in real places.

use crate::random::Random;

pub struct Country {
    pub name: &'static str,
    /// ISO 3166-1 alpha-2.
    pub code: &'static str,
    /// Of 1000 customers.
    pub(crate) share: u32,
    /// VAT in percent.
    pub(crate) vat: i64,
    /// Cents.
    pub(crate) shipping: i64,
    /// Region, its code, city, postcode, weight.
    pub(crate) places: &'static [(&'static str, &'static str, &'static str, &'static str, u32)],
    pub(crate) given: &'static [&'static str],
    pub(crate) family: &'static [&'static str],
    /// Weights of [`PAYMENTS`].
    pub(crate) payments: [u32; 5],
}

pub const PAYMENTS: [&str; 5] = ["Card", "PayPal", "Klarna", "iDEAL", "Bank transfer"];

pub const COUNTRIES: [Country; 6] = [
    Country {
        name: "Germany",
        code: "DE",
        share: 440,
        vat: 19,
        shipping: 490,
        places: &[
            ("Berlin", "BE", "Berlin", "10115", 24),
            ("Bavaria", "BY", "Munich", "80331", 20),
            ("Bavaria", "BY", "Nuremberg", "90402", 6),
            ("Hamburg", "HH", "Hamburg", "20095", 15),
            ("North Rhine-Westphalia", "NW", "Cologne", "50667", 14),
            ("North Rhine-Westphalia", "NW", "Düsseldorf", "40213", 8),
            ("Hesse", "HE", "Frankfurt", "60311", 10),
            ("Saxony", "SN", "Leipzig", "04109", 8),
        ],
        given: &[
            "Anna",
            "Lukas",
            "Lea",
            "Jonas",
            "Marie",
            "Felix",
            "Katharina",
            "Paul",
            "Julia",
            "Jürgen",
            "Sophie",
            "Tim",
            "Hannah",
            "Max",
            "Nele",
            "Emre",
        ],
        family: &[
            "Müller", "Schmidt", "Weber", "Wagner", "Becker", "Hoffmann", "Schäfer", "Koch",
            "Richter", "Klein", "Wolf", "Neumann", "Schwarz", "Krüger", "Yılmaz", "Voß",
        ],
        payments: [22, 38, 30, 0, 10],
    },
    Country {
        name: "France",
        code: "FR",
        share: 150,
        vat: 20,
        shipping: 690,
        places: &[
            ("Île-de-France", "IDF", "Paris", "75001", 45),
            ("Auvergne-Rhône-Alpes", "ARA", "Lyon", "69001", 20),
            (
                "Provence-Alpes-Côte d'Azur",
                "PAC",
                "Marseille",
                "13001",
                16,
            ),
            ("Occitanie", "OCC", "Toulouse", "31000", 19),
        ],
        given: &[
            "Camille", "Hugo", "Chloé", "Louis", "Manon", "Jules", "Inès", "Gabriel", "Zoé", "Noé",
            "Élise", "Théo",
        ],
        family: &[
            "Martin",
            "Bernard",
            "Dubois",
            "Moreau",
            "Laurent",
            "Lefèvre",
            "Roux",
            "Fournier",
            "Girard",
            "Bonnet",
            "Mercier",
            "D'Almeida",
        ],
        payments: [66, 26, 8, 0, 0],
    },
    Country {
        name: "Austria",
        code: "AT",
        share: 130,
        vat: 20,
        shipping: 690,
        places: &[
            ("Vienna", "9", "Vienna", "1010", 55),
            ("Styria", "6", "Graz", "8010", 20),
            ("Upper Austria", "4", "Linz", "4020", 14),
            ("Salzburg", "5", "Salzburg", "5020", 11),
        ],
        given: &[
            "Elisabeth",
            "Stefan",
            "Theresa",
            "Michael",
            "Magdalena",
            "Florian",
            "Johanna",
            "Matthias",
            "Eva",
            "David",
        ],
        family: &[
            "Gruber", "Huber", "Bauer", "Steiner", "Moser", "Mayer", "Hofer", "Leitner", "Fuchs",
            "Eder",
        ],
        payments: [30, 30, 34, 0, 6],
    },
    Country {
        name: "Netherlands",
        code: "NL",
        share: 110,
        vat: 21,
        shipping: 690,
        places: &[
            ("North Holland", "NH", "Amsterdam", "1012", 42),
            ("South Holland", "ZH", "Rotterdam", "3011", 28),
            ("Utrecht", "UT", "Utrecht", "3511", 20),
            ("North Brabant", "NB", "Eindhoven", "5611", 10),
        ],
        given: &[
            "Sanne", "Daan", "Fleur", "Sem", "Lotte", "Bram", "Eva", "Thijs", "Noor", "Jesse",
        ],
        family: &[
            "de Jong",
            "Jansen",
            "de Vries",
            "van den Berg",
            "Bakker",
            "Visser",
            "Smit",
            "Meijer",
            "Mulder",
            "Bos",
        ],
        payments: [14, 14, 10, 62, 0],
    },
    Country {
        name: "Spain",
        code: "ES",
        share: 90,
        vat: 21,
        shipping: 790,
        places: &[
            ("Madrid", "MD", "Madrid", "28001", 42),
            ("Catalonia", "CT", "Barcelona", "08001", 36),
            ("Valencian Community", "VC", "Valencia", "46001", 22),
        ],
        given: &[
            "Lucía", "Martín", "Sofía", "Hugo", "Carmen", "Álvaro", "Inés", "Pablo", "Elena",
            "Iñaki",
        ],
        family: &[
            "García",
            "Fernández",
            "López",
            "Martínez",
            "Sánchez",
            "Romero",
            "Navarro",
            "Ibáñez",
            "Ortega",
            "Muñoz",
        ],
        payments: [60, 32, 8, 0, 0],
    },
    Country {
        name: "Italy",
        code: "IT",
        share: 80,
        vat: 22,
        shipping: 790,
        places: &[
            ("Lombardy", "25", "Milan", "20121", 44),
            ("Lazio", "62", "Rome", "00118", 34),
            ("Piedmont", "21", "Turin", "10121", 22),
        ],
        given: &[
            "Giulia",
            "Francesco",
            "Sofia",
            "Alessandro",
            "Martina",
            "Lorenzo",
            "Chiara",
            "Matteo",
            "Aurora",
            "Niccolò",
        ],
        family: &[
            "Rossi", "Russo", "Ferrari", "Esposito", "Bianchi", "Romano", "Colombo", "Ricci",
            "Greco", "De Luca",
        ],
        payments: [44, 44, 6, 0, 6],
    },
];

#[derive(Clone, Debug)]
pub struct Customer {
    /// `C100001` and on.
    pub id: String,
    pub name: String,
    pub email: String,
    /// Index into [`COUNTRIES`].
    pub country: usize,
    place: usize,
    /// Index into [`HABITS`].
    pub(crate) habit: usize,
    /// The category they come back for.
    pub(crate) favourite: usize,
    pub(crate) payment: usize,
}

/// How often people come back: a coarse beta-geometric model (Fader, Hardie, Lee 2005) of four kinds.
pub(crate) struct Habit {
    pub(crate) share: u32,
    /// Mean days between orders.
    pub(crate) gap: u64,
    /// Of 1000 orders, how many are the last.
    pub(crate) leaves: u64,
}

pub(crate) const HABITS: [Habit; 4] = [
    Habit {
        share: 50,
        gap: 24,
        leaves: 50,
    },
    Habit {
        share: 130,
        gap: 50,
        leaves: 150,
    },
    Habit {
        share: 270,
        gap: 100,
        leaves: 350,
    },
    Habit {
        share: 550,
        gap: 170,
        leaves: 750,
    },
];

impl Customer {
    pub(crate) fn draw(random: &mut Random, number: usize, categories: usize) -> Self {
        let country = random.weighted(&COUNTRIES.each_ref().map(|country| country.share));
        let home = &COUNTRIES[country];
        let places: Vec<u32> = home.places.iter().map(|place| place.4).collect();
        let (given, family) = (random.pick(home.given), random.pick(home.family));
        let domain = random.pick(&["example.com", "example.org", "example.net"]);
        Self {
            id: format!("C{}", 100_001 + number),
            name: format!("{given} {family}"),
            email: format!("{}.{}.{number}@{domain}", ascii(given), ascii(family)),
            country,
            place: random.weighted(&places),
            habit: random.weighted(&HABITS.each_ref().map(|habit| habit.share)),
            favourite: random.index(categories),
            payment: random.weighted(&home.payments),
        }
    }

    pub fn home(&self) -> &'static Country {
        &COUNTRIES[self.country]
    }

    pub fn region(&self) -> &'static str {
        self.home().places[self.place].0
    }

    /// The region's ISO 3166-2 code without the country's.
    pub fn region_code(&self) -> &'static str {
        self.home().places[self.place].1
    }

    pub fn city(&self) -> &'static str {
        self.home().places[self.place].2
    }

    pub fn postcode(&self) -> &'static str {
        self.home().places[self.place].3
    }
}

/// Lower-case ASCII for an e-mail address.
fn ascii(name: &str) -> String {
    name.chars()
        .filter_map(|letter| match letter {
            'ä' | 'á' | 'à' | 'â' => Some('a'),
            'ö' | 'ó' | 'ò' | 'ô' => Some('o'),
            'ü' | 'ú' | 'ù' => Some('u'),
            'é' | 'è' | 'ê' | 'ë' | 'É' => Some('e'),
            'í' | 'ì' | 'ï' | 'ı' => Some('i'),
            'ñ' => Some('n'),
            'ß' => Some('s'),
            'Á' => Some('a'),
            letter if letter.is_ascii_alphabetic() => Some(letter.to_ascii_lowercase()),
            _ => None,
        })
        .collect()
}
