//! What printed numbers can be.

use super::Arguments;
use restudy_stats::contingency::{Table, TwoByTwo};
use restudy_stats::forensics::{
    Printed, Summary, differences_alike, p_values_alike, p_values_of_counts, p_values_of_levels,
    p_values_of_means, size_of_z,
};

#[test]
fn agrees_with_r() {
    super::compare("forensics", 25, |name, arguments| match name {
        "p_values_of_counts" => {
            // twelve tests, in the order of both programs
            let [a, b, c, d] = counts(arguments)[..] else { panic!("four counts") };
            let table = TwoByTwo::from_events(a, a + b, c, c + d).expect("counts");
            let found = p_values_of_counts(&table).expect("a table");
            (found.into_iter().map(|(_, p)| p).collect(), 1e-10)
        }
        "p_values_of_levels" => {
            let rows = arguments.0["m"].as_array().expect("a matrix").len();
            let counts = counts(arguments);
            let table = Table::new(rows, counts.len() / rows, &counts).expect("a full matrix");
            let found = p_values_of_levels(&table).expect("a table");
            // FEXACT adds up rounded paths
            (found.into_iter().map(|(_, p)| p).collect(), 1e-6)
        }
        "p_values_of_means" => {
            let [m1, s1, n1, m0, s0, n0] = arguments.numbers("s")[..] else { panic!("six") };
            let summary = |mean, deviation, n: f64| Summary {
                mean: Printed::exactly(mean),
                standard_deviation: Printed::exactly(deviation),
                n: n as u64,
            };
            let found = p_values_of_means(summary(m1, s1, n1), summary(m0, s0, n0));
            (found.into_iter().map(|(_, p)| p.middle()).collect(), 1e-11)
        }
        "size_of_z" => {
            let p = Printed::exactly(arguments.number("p"));
            ([2, 1].map(|sides| size_of_z(p, sides).middle()).to_vec(), 1e-11)
        }
        "p_values_alike" => (vec![p_values_alike(&arguments.numbers("p")).expect("shares")], 1e-11),
        "differences_alike" => {
            let n = arguments.numbers("n");
            let found = differences_alike(&arguments.numbers("d"), n[0] as u64, n[1] as u64);
            (vec![found.expect("groups")], 1e-11)
        }
        other => panic!("no function {other}"),
    });
}

fn counts(arguments: &Arguments<'_>) -> Vec<u64> {
    arguments.numbers("m").iter().map(|&count| count as u64).collect()
}
