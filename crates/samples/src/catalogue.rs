//! What the sample store sells: 12 categories, 300 products.

use crate::random::Random;

#[derive(Clone, Debug)]
pub struct Product {
    /// Five digits and a letter.
    pub sku: String,
    pub name: String,
    /// Index into [`CATEGORIES`].
    pub category: usize,
    /// Cents, in the first year.
    pub price: i64,
    /// Relative popularity.
    pub(crate) weight: u64,
    /// Days after the store's first day on which it came into the range; 0 for most.
    pub(crate) launched: i32,
}

pub struct Category {
    pub name: &'static str,
    /// Lines of 1000 that come back.
    pub(crate) returned: u64,
    /// Demand in each month, 100 is usual.
    pub(crate) season: [u64; 12],
    items: [(&'static str, i64); 5],
    variants: [&'static str; 5],
}

const EVEN: [u64; 12] = [100; 12];

pub const CATEGORIES: [Category; 12] = [
    Category {
        name: "Kitchen & dining",
        returned: 34,
        season: EVEN,
        items: [
            ("Stoneware mug", 1_290),
            ("Dinner plates, set of 4", 4_490),
            ("Olive wood board", 3_490),
            ("Linen napkins, set of 4", 2_450),
            ("Cast-iron pan 26 cm", 6_900),
        ],
        variants: ["white", "sand", "sage", "slate", "terracotta"],
    },
    Category {
        name: "Home textiles",
        returned: 56,
        season: [120, 110, 100, 90, 80, 75, 75, 85, 110, 125, 125, 110],
        items: [
            ("Wool throw 130x180", 7_990),
            ("Cushion cover 50x50", 1_990),
            ("Bath towel 70x140", 2_290),
            ("Cotton bed set 135x200", 8_490),
            ("Jute rug 80x150", 9_900),
        ],
        variants: ["natural", "charcoal", "ochre", "petrol", "rose"],
    },
    Category {
        name: "Lighting",
        returned: 44,
        season: [115, 105, 90, 80, 75, 70, 70, 85, 110, 130, 135, 120],
        items: [
            ("Table lamp Arc", 5_990),
            ("Paper pendant 45 cm", 3_290),
            ("String lights 10 m", 1_990),
            ("Reading lamp Pivot", 7_490),
            ("Night light Moon", 1_690),
        ],
        variants: ["brass", "black", "white", "copper", "green"],
    },
    Category {
        name: "Candles & scents",
        returned: 18,
        season: [100, 115, 85, 80, 75, 65, 60, 70, 95, 125, 160, 170],
        items: [
            ("Scented candle 220 g", 2_490),
            ("Reed diffuser 100 ml", 2_990),
            ("Beeswax tapers, pair", 990),
            ("Room spray 50 ml", 1_690),
            ("Tea lights, set of 24", 790),
        ],
        variants: ["fig", "cedar", "lavender", "orange & clove", "linen"],
    },
    Category {
        name: "Stationery",
        returned: 16,
        season: [115, 85, 85, 85, 90, 95, 95, 150, 155, 100, 100, 110],
        items: [
            ("Dotted notebook A5", 1_490),
            ("Weekly planner", 1_890),
            ("Brass pen", 3_900),
            ("Greeting cards, set of 10", 1_250),
            ("Desk organiser", 3_290),
        ],
        variants: ["forest", "ink", "clay", "mustard", "kraft"],
    },
    Category {
        name: "Bags & accessories",
        returned: 71,
        season: [85, 90, 100, 105, 110, 115, 115, 105, 105, 95, 105, 120],
        items: [
            ("Canvas tote", 2_490),
            ("Leather card holder", 3_900),
            ("Everyday backpack 18 l", 8_900),
            ("Wool scarf", 4_900),
            ("Folding umbrella", 2_900),
        ],
        variants: ["navy", "olive", "black", "camel", "burgundy"],
    },
    Category {
        name: "Clothing",
        returned: 118,
        season: [100, 85, 100, 110, 110, 105, 100, 90, 110, 105, 115, 110],
        items: [
            ("Organic T-shirt", 2_690),
            ("Merino jumper", 8_900),
            ("Linen shirt", 6_490),
            ("Sweatshirt", 5_490),
            ("Wool socks, 3 pairs", 2_190),
        ],
        variants: ["S", "M", "L", "XL", "XXL"],
    },
    Category {
        name: "Garden & balcony",
        returned: 33,
        season: [35, 60, 130, 195, 220, 185, 140, 105, 85, 60, 40, 35],
        items: [
            ("Terracotta planter 24 cm", 2_290),
            ("Watering can 5 l", 3_490),
            ("Herb seeds, set of 6", 1_190),
            ("Bird feeder", 2_690),
            ("Garden gloves", 1_490),
        ],
        variants: ["classic", "zinc", "moss", "anthracite", "cream"],
    },
    Category {
        name: "Bath & body",
        returned: 21,
        season: [100, 110, 95, 95, 115, 95, 90, 90, 95, 100, 120, 130],
        items: [
            ("Solid shampoo bar", 990),
            ("Hand cream 75 ml", 1_290),
            ("Olive soap, 3 bars", 1_490),
            ("Body oil 100 ml", 2_190),
            ("Bath salts 500 g", 1_590),
        ],
        variants: ["rosemary", "rose", "unscented", "mint", "chamomile"],
    },
    Category {
        name: "Tea & pantry",
        returned: 12,
        season: [115, 105, 95, 85, 80, 75, 70, 75, 95, 115, 130, 145],
        items: [
            ("Loose tea 100 g", 1_090),
            ("Filter coffee 250 g", 1_190),
            ("Dark chocolate 3 x 70 g", 1_290),
            ("Olive oil 500 ml", 1_690),
            ("Honey 350 g", 990),
        ],
        variants: ["No. 1", "No. 2", "No. 3", "No. 4", "No. 5"],
    },
    Category {
        name: "Kids",
        returned: 47,
        season: [80, 80, 90, 100, 95, 100, 90, 95, 100, 105, 140, 165],
        items: [
            ("Wooden puzzle", 1_990),
            ("Knitted animal", 2_490),
            ("Picture book", 1_490),
            ("Rain jacket", 4_490),
            ("Colouring set", 1_290),
        ],
        variants: ["fox", "whale", "bear", "owl", "hedgehog"],
    },
    Category {
        name: "Christmas",
        returned: 24,
        season: [6, 1, 1, 1, 1, 1, 2, 8, 40, 180, 560, 640],
        items: [
            ("Glass baubles, set of 6", 2_290),
            ("Advent calendar", 3_490),
            ("Paper star 60 cm", 1_990),
            ("Tree skirt", 3_990),
            ("Gift wrap set", 1_290),
        ],
        variants: ["red", "gold", "silver", "forest", "white"],
    },
];

/// The range of one store: the same products everywhere, but another seed makes others popular.
pub(crate) fn products(random: &mut Random, days: i32) -> Vec<Product> {
    let mut products = Vec::new();
    for (c, category) in CATEGORIES.iter().enumerate() {
        for (i, (item, price)) in category.items.iter().enumerate() {
            for (v, variant) in category.variants.iter().enumerate() {
                products.push(Product {
                    sku: format!("{}{}", 10_000 + c * 1000 + i * 110, b"ABCDE"[v] as char),
                    name: format!("{item}, {variant}"),
                    category: c,
                    price: *price,
                    weight: 0,
                    launched: 0,
                });
            }
        }
    }
    let mut ranks: Vec<u64> = (0..products.len() as u64).collect();
    for i in (1..ranks.len()).rev() {
        ranks.swap(i, random.index(i + 1));
    }
    for (product, rank) in products.iter_mut().zip(ranks) {
        // A fifth of the range makes about six tenths of the sales.
        product.weight = 10_000_000 / (rank + 9);
        if random.chance(140) {
            product.launched = random.below(days.max(1) as u64) as i32;
        }
    }
    products
}
