//! Sharing an amount exactly.

use types::{Currency, Micros};

/// Shares `total` in proportion to `weights` (largest remainder), in whole minor units of the currency where the
/// total is one. The shares add up to the total exactly. Weights that are all zero share equally.
pub(crate) fn allocate(total: Micros, weights: &[Micros], currency: Currency) -> Vec<Micros> {
    if weights.is_empty() {
        return Vec::new();
    }
    let weights: Vec<i128> = weights.iter().map(|w| i128::from(w.0.max(0))).collect();
    let sum: i128 = weights.iter().sum();
    let (weights, sum) = if sum == 0 {
        (vec![1; weights.len()], weights.len() as i128)
    } else {
        (weights, sum)
    };
    let minor = 10_i64.pow(6 - currency.exponent().min(6));
    let unit = if total.0 % minor == 0 { minor } else { 1 };
    let units = i128::from(total.0 / unit);
    let mut shares: Vec<i128> = weights.iter().map(|w| units * w / sum).collect();
    let mut left = units - shares.iter().sum::<i128>();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    let remainder = |at: &usize| weights.get(*at).map_or(0, |w| (units * w % sum).abs());
    // Stable, so that equal remainders go to the first lines.
    order.sort_by_key(|at| std::cmp::Reverse(remainder(at)));
    for at in order {
        if left == 0 {
            break;
        }
        if let Some(share) = shares.get_mut(at) {
            *share += left.signum();
            left -= left.signum();
        }
    }
    shares
        .into_iter()
        .map(|share| Micros(i64::try_from(share * i128::from(unit)).unwrap_or(0)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_cent_is_never_lost() {
        let thirds = allocate(Micros(10_000_000), &[Micros::ONE; 3], Currency::EUR);
        assert_eq!(thirds, [3_340_000, 3_330_000, 3_330_000].map(Micros));
        let yen = allocate(
            Micros(100_000_000),
            &[Micros::ONE; 3],
            "JPY".parse().unwrap(),
        );
        assert_eq!(yen, [34_000_000, 33_000_000, 33_000_000].map(Micros));
        assert_eq!(
            allocate(Micros(-10_000), &[Micros::ONE; 2], Currency::EUR),
            [-10_000, 0].map(Micros)
        );
    }

    proptest! {
        #[test]
        fn shares_add_up(total in -1_000_000_000_000_i64..1_000_000_000_000, weights in proptest::collection::vec(0_i64..1_000_000_000, 1..20)) {
            let weights: Vec<_> = weights.into_iter().map(Micros).collect();
            let shares = allocate(Micros(total), &weights, Currency::EUR);
            prop_assert_eq!(shares.iter().map(|s| s.0).sum::<i64>(), total);
            prop_assert!(shares.iter().all(|s| s.0 == 0 || s.0.signum() == total.signum()));
        }
    }
}
