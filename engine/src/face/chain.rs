//! Which of some offsets each place along an outline has, so that what is there is likely and neighbours move alike: the likeliest of all
//! (Viterbi 1967), and how likely each is (the forward-backward algorithm: Baum, Petrie, Soules and Weiss 1970).

/// Places one behind another.
#[derive(Clone, Debug)]
pub(super) struct Chain {
    /// Logarithm of how likely each offset of each place is by itself; as many of each.
    pub likely: Vec<Vec<f64>>,
    /// The last place comes before the first.
    pub closed: bool,
    /// How far neighbours are apart, in steps of offsets (the standard deviation).
    pub apart: f64,
}

impl Chain {
    /// Places in order. Those of a closed chain come twice, so that its end knows its beginning.
    fn steps(&self) -> impl DoubleEndedIterator<Item = usize> + ExactSizeIterator {
        let count = self.likely.len();
        (0..if self.closed { 2 * count } else { count }).map(move |step| step % count)
    }

    /// Of the two rounds of a closed chain the middle: the first half of the second, the second half of the first.
    fn counts(&self, step: usize) -> bool {
        let (count, at) = (self.likely.len(), step % self.likely.len());
        !self.closed || (step >= count) == (at < count / 2)
    }

    /// What it costs that neighbours are apart, by how many steps of offsets, as a logarithm.
    fn costs(&self) -> Vec<f64> {
        let count = self.likely.first().map_or(0, Vec::len);
        (0..count).map(|by| 0.5 * (by as f64 / self.apart).powi(2)).collect()
    }

    /// The likeliest offset of each place, all together.
    pub fn likeliest(&self) -> Vec<usize> {
        let costs = self.costs();
        let count = costs.len();
        let mut total = vec![0.0; count];
        let mut from: Vec<Vec<usize>> = Vec::new();
        for place in self.steps() {
            let mut next = vec![f64::NEG_INFINITY; count];
            let mut back = vec![0; count];
            for d in 0..count {
                for (e, before) in total.iter().enumerate() {
                    let value = before - costs[d.abs_diff(e)];
                    if value > next[d] {
                        (next[d], back[d]) = (value, e);
                    }
                }
                next[d] += self.likely[place][d];
            }
            total = next;
            from.push(back);
        }
        let Some(mut d) = (0..count).max_by(|&a, &b| total[a].total_cmp(&total[b])) else {
            return Vec::new();
        };
        let mut chosen = vec![0; self.likely.len()];
        for (step, place) in self.steps().enumerate().rev() {
            if self.counts(step) {
                chosen[place] = d;
            }
            d = from[step][d];
        }
        chosen
    }

    /// How likely each offset of each place is by all places; of one place they sum to 1.
    pub fn shares(&self) -> Vec<Vec<f64>> {
        let own: Vec<Vec<f64>> = self.likely.iter().map(|likely| shares(likely)).collect();
        let falls: Vec<f64> = self.costs().into_iter().map(|cost| (-cost).exp()).collect();
        let forth = self.told(&own, &falls, self.steps());
        let back = self.told(&own, &falls, self.steps().rev());
        let all = own.iter().zip(forth.iter().zip(&back));
        all.map(|(own, (forth, back))| {
            normed(own.iter().zip(forth.iter().zip(back)).map(|(o, (f, b))| o * f * b).collect())
        })
        .collect()
    }

    /// What the places that come before each say of its offsets, by their `own` and how a neighbour's likelihood `falls`.
    fn told(&self, own: &[Vec<f64>], falls: &[f64], steps: impl Iterator<Item = usize>) -> Vec<Vec<f64>> {
        let count = falls.len();
        let mut told = vec![vec![1.0; count]; own.len()];
        let mut now = vec![1.0; count];
        for place in steps {
            let known: Vec<f64> = now.iter().zip(&own[place]).map(|(a, b)| a * b).collect();
            told[place] = now;
            let next =
                |d: usize| known.iter().enumerate().map(|(e, known)| known * falls[d.abs_diff(e)]).sum();
            now = normed((0..count).map(next).collect());
        }
        told
    }
}

/// Shares of what is so likely, as logarithms.
fn shares(likely: &[f64]) -> Vec<f64> {
    let most = likely.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    normed(likely.iter().map(|likely| (likely - most).exp()).collect())
}

/// Of numbers that are too small all are alike.
fn normed(shares: Vec<f64>) -> Vec<f64> {
    let (sum, count) = (shares.iter().sum::<f64>(), shares.len() as f64);
    shares.into_iter().map(|share| if sum > 0.0 { share / sum } else { 1.0 / count }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Against all ways there are, on short open chains.
        #[test]
        fn it_is_the_best_of_all_ways(likely in prop::collection::vec(prop::collection::vec(-6.0..0.0f64, 4), 1..5), apart in 0.5..3.0f64) {
            let chain = Chain { likely, closed: false, apart };
            let places = chain.likely.len();
            let way = |mut n: usize| (0..places).map(|_| { let d = n % 4; n /= 4; d }).collect::<Vec<_>>();
            let worth = |way: &[usize]| {
                let own: f64 = way.iter().zip(&chain.likely).map(|(&d, likely)| likely[d]).sum();
                own - way.windows(2).map(|w| 0.5 * (w[0].abs_diff(w[1]) as f64 / apart).powi(2)).sum::<f64>()
            };
            let ways: Vec<(Vec<usize>, f64)> = (0..4usize.pow(places as u32)).map(|n| { let w = way(n); let v = worth(&w); (w, v) }).collect();
            let best = ways.iter().map(|w| w.1).fold(f64::NEG_INFINITY, f64::max);
            prop_assert!((worth(&chain.likeliest()) - best).abs() < 1e-9);
            let total: f64 = ways.iter().map(|w| w.1.exp()).sum();
            for (place, shares) in chain.shares().iter().enumerate() {
                for (d, share) in shares.iter().enumerate() {
                    let of: f64 = ways.iter().filter(|w| w.0[place] == d).map(|w| w.1.exp()).sum();
                    prop_assert!((share - of / total).abs() < 1e-9);
                }
            }
        }
    }

    #[test]
    fn the_end_of_a_closed_chain_knows_its_beginning() {
        let mut likely = vec![vec![0.0; 9]; 12];
        likely[0][7] = 9.0;
        let [open, closed] =
            [false, true].map(|closed| Chain { likely: likely.clone(), closed, apart: 1.0 }.shares());
        assert!(closed[11][7] > 0.3 && closed[1][7] > 0.3 && open[11][7] < 0.2, "{closed:?}");
    }

    #[test]
    fn nothing_has_no_offsets() {
        let none = Chain { likely: Vec::new(), closed: true, apart: 1.0 };
        assert!(none.likeliest().is_empty() && none.shares().is_empty());
    }
}
