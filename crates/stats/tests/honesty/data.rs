//! Follow-up of two arms in whole days.

use std::fs;
use std::path::Path;

use restudy_stats::identified_set::Statistic;

/// Follow-up of two arms.
pub(crate) struct Data {
    pub(crate) days: Vec<u32>,
    pub(crate) events: Vec<bool>,
    pub(crate) arms: Vec<usize>,
}

impl Data {
    /// A public data set of the reference values.
    pub(crate) fn read(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/reference/data");
        let text = fs::read_to_string(folder.join(format!("{name}.csv"))).expect("a data set");
        let mut lines = text.lines();
        let names: Vec<&str> = lines.next().expect("a header").split(',').collect();
        let place = |name: &str| names.iter().position(|own| *own == name).expect("a column");
        // treatment of veteran is 1 or 2; colon has a third arm, which is left out
        let (arm, first, left_out) = match name {
            "veteran" => ("trt", 1.0, None),
            "colon_death" => ("lev_5fu", 0.0, Some(place("lev"))),
            "gbsg" => ("hormon", 0.0, None),
            _ => ("group", 0.0, None),
        };
        // aml counts weeks
        let unit = if name == "aml" { 7.0 } else { 1.0 };
        let (time, event, arm) = (place("time"), place("event"), place(arm));
        let mut data = Self { days: Vec::new(), events: Vec::new(), arms: Vec::new() };
        for line in lines {
            let cells: Vec<f64> =
                line.split(',').map(|cell| cell.parse().unwrap_or(f64::NAN)).collect();
            if left_out.is_some_and(|place| cells[place] == 1.0) {
                continue;
            }
            // At least day 1, as cohorts count days from 1.
            data.days.push((unit * cells[time]).round().max(1.0) as u32);
            data.events.push(cells[event] == 1.0);
            data.arms.push((cells[arm] - first) as usize);
        }
        data
    }

    /// How many are in each arm.
    pub(crate) fn sizes(&self) -> [u32; 2] {
        let second = self.arms.iter().sum::<usize>() as u32;
        [self.arms.len() as u32 - second, second]
    }

    /// A number of the whole data.
    pub(crate) fn statistic(&self, statistic: Statistic) -> f64 {
        statistic.of_data(&self.days, &self.events, &self.arms)
    }
}
