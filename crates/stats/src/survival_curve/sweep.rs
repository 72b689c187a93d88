//! The pass over time that makes a curve of any rows, with its variances.

use std::collections::BTreeMap;

use super::curve::{Member, Origin};
use super::jump::Jump;
use super::{
    CumulativeHazard, CurveDetail, CurveEstimator, SurvivalCurve, SurvivalCurveModel,
    SurvivalCurveRow,
};

/// The curve of the given rows of the data.
pub(super) fn curve(model: &SurvivalCurveModel<'_>, rows: &[usize]) -> SurvivalCurve {
    let mut sweep = Sweep::new(model, rows);
    let ends = model.follow_up.ends();
    let mut order = rows.to_vec();
    // By row among ties, so that weights are summed in one order.
    order.sort_by(|a, b| ends[*a].total_cmp(&ends[*b]).then(a.cmp(b)));
    let (mut out, mut details) = (Vec::new(), Vec::new());
    for tied in order.chunk_by(|a, b| ends[*a] == ends[*b]) {
        // Entries before this time are at risk at it; later ones are not.
        sweep.enter_before(ends[tied[0]]);
        let (row, detail) = sweep.row(tied);
        out.push(row);
        details.push(detail);
    }
    let members = model.robust.then(|| rows.iter().map(|row| Member::of(model, *row)).collect());
    SurvivalCurve {
        n: rows.len(),
        n_events: out.iter().map(|row| row.n_events).sum(),
        rows: out,
        estimator: model.estimator,
        is_robust: model.robust,
        origin: Some(Origin { details, jumps: sweep.jumps, members }),
    }
}

impl Member {
    fn of(model: &SurvivalCurveModel<'_>, row: usize) -> Self {
        Self {
            start: model.follow_up.starts().map(|starts| starts[row]),
            end: model.follow_up.ends()[row],
            is_event: model.is_event(row),
            cluster: model.cluster(row),
            weight: model.weight(row),
        }
    }
}

struct Sweep<'a> {
    model: &'a SurvivalCurveModel<'a>,
    /// Rows by descending start, so that the next to enter is the last.
    waiting: Vec<usize>,
    /// Which cluster each row of the data belongs to, counted from zero.
    cluster_of: BTreeMap<usize, usize>,
    n_rows: usize,
    n: f64,
    survival: f64,
    hazard: f64,
    log_survival: Uncertainty,
    cumulative: Uncertainty,
    jumps: Vec<(f64, Jump)>,
}

impl<'a> Sweep<'a> {
    fn new(model: &'a SurvivalCurveModel<'a>, rows: &[usize]) -> Self {
        let mut waiting = rows.to_vec();
        if let Some(starts) = model.follow_up.starts() {
            // The earliest stand at the end, where they are taken from; rows of one
            // start enter in the caller's order.
            waiting.sort_by(|a, b| starts[*b].total_cmp(&starts[*a]).then(b.cmp(a)));
        }
        let mut cluster_of = BTreeMap::new();
        if model.robust {
            cluster_of.extend(rows.iter().map(|row| (model.cluster(*row), 0)));
            // Clusters are numbered by ascending code, for a fixed order of sums.
            for (index, code) in cluster_of.values_mut().enumerate() {
                *code = index;
            }
        }
        let n_clusters = model.robust.then_some(cluster_of.len());
        Self {
            model,
            waiting,
            cluster_of,
            n_rows: 0,
            n: 0.0,
            survival: 1.0,
            hazard: 0.0,
            log_survival: Uncertainty::new(n_clusters),
            cumulative: Uncertainty::new(n_clusters),
            jumps: Vec::new(),
        }
    }

    fn cluster(&self, row: usize) -> Option<usize> {
        self.cluster_of.get(&self.model.cluster(row)).copied()
    }

    /// Lets in the rows that start before `time`.
    fn enter_before(&mut self, time: f64) {
        let starts = self.model.follow_up.starts();
        while let Some(&row) = self.waiting.last() {
            // Rows of right-censored data have no start and all enter at once.
            if starts.is_some_and(|starts| starts[row] >= time) {
                return;
            }
            self.waiting.pop();
            let weight = self.model.weight(row);
            self.n_rows += 1;
            self.n += weight;
            if let Some(cluster) = self.cluster(row) {
                self.log_survival.change_weight(cluster, weight);
                self.cumulative.change_weight(cluster, weight);
            }
        }
    }

    /// The row of the time at which the rows `tied` end, who leave after it.
    fn row(&mut self, tied: &[usize]) -> (SurvivalCurveRow, CurveDetail) {
        let is_event = |row: &&usize| self.model.is_event(**row);
        let weight = |row: &usize| self.model.weight(*row);
        let n_events = tied.iter().filter(is_event).count();
        // A sum of nothing is -0.
        let events = 0.0 + tied.iter().filter(is_event).map(weight).sum::<f64>();
        let total: f64 = tied.iter().map(weight).sum();
        let (n_at_risk, weight_at_risk) = (self.n_rows, self.n);
        if n_events > 0 {
            self.jump(tied, events, n_events);
        }
        self.leave(tied, total);
        let mut row = SurvivalCurveRow {
            time: self.model.follow_up.ends()[tied[0]],
            n_at_risk,
            n_events,
            n_censored: tied.len() - n_events,
            survival: self.survival,
            log_error: 0.0,
            lower: None,
            upper: None,
        };
        row.add_precision(self.log_survival.variance().sqrt(), self.model);
        let standard_error = self.cumulative.variance().sqrt();
        let hazard = CumulativeHazard { estimate: self.hazard, standard_error };
        (row, CurveDetail { weight_at_risk, weight_of_events: events, hazard })
    }

    /// Moves the curve down at an event time.
    fn jump(&mut self, tied: &[usize], events: f64, count: usize) {
        let estimator = self.model.estimator;
        // Sums of weights that should be equal may differ by rounding.
        let all_die = count == self.n_rows;
        let cumulative = Jump::hazard(estimator, self.n, events, count);
        self.hazard += cumulative.hazard;
        let log_survival = match estimator {
            CurveEstimator::KaplanMeier if all_die => {
                // log S is minus infinity: it has no further jump.
                self.survival = 0.0;
                None
            }
            CurveEstimator::KaplanMeier => {
                self.survival *= (self.n - events) / self.n;
                Some(Jump::greenwood(self.n, events))
            }
            _ => {
                self.survival = libm::exp(-self.hazard);
                Some(cumulative)
            }
        };
        let mut dead = Vec::new();
        for row in tied.iter().filter(|row| self.model.is_event(**row)) {
            dead.extend(self.cluster(*row).map(|cluster| (cluster, self.model.weight(*row))));
        }
        self.cumulative.add(&cumulative, &dead);
        if let Some(jump) = log_survival {
            self.log_survival.add(&jump, &dead);
            self.jumps.push((self.model.follow_up.ends()[tied[0]], jump));
        }
    }

    fn leave(&mut self, tied: &[usize], total: f64) {
        self.n_rows -= tied.len();
        // Nobody has no weight, where sums taken from one another leave rounding.
        self.n = if self.n_rows == 0 { 0.0 } else { self.n - total };
        for row in tied {
            // Leaving takes the weight off, but what was lost so far stays with the
            // cluster.
            if let Some(cluster) = self.cluster(*row) {
                self.log_survival.change_weight(cluster, -self.model.weight(*row));
                self.cumulative.change_weight(cluster, -self.model.weight(*row));
            }
        }
    }
}

/// The variance of a cumulative sum as time goes on.
enum Uncertainty {
    /// The sum of the jumps' variances.
    Independent(f64),
    /// The infinitesimal jackknife.
    Clustered(Clusters),
}

/// The clusters' derivatives f_c - L w_c, with L the losses so far and w_c
/// the cluster's weight at risk, and the sums that give the sum of their
/// squares without visiting those whom a jump does not touch.
struct Clusters {
    fixed: Vec<f64>,
    weight: Vec<f64>,
    loss: f64,
    sum_fixed_squared: f64,
    sum_product: f64,
    sum_weight_squared: f64,
}

impl Uncertainty {
    fn new(n_clusters: Option<usize>) -> Self {
        n_clusters.map_or(Self::Independent(0.0), |n| {
            Self::Clustered(Clusters {
                fixed: vec![0.0; n],
                weight: vec![0.0; n],
                loss: 0.0,
                sum_fixed_squared: 0.0,
                sum_product: 0.0,
                sum_weight_squared: 0.0,
            })
        })
    }

    /// Adds a jump, `dead` being cluster and weight of each event.
    fn add(&mut self, jump: &Jump, dead: &[(usize, f64)]) {
        match self {
            Self::Independent(variance) => *variance += jump.variance,
            Self::Clustered(clusters) => {
                clusters.loss += jump.loss;
                for (cluster, weight) in dead {
                    // An event's weight adds to the derivative, which no later loss
                    // changes.
                    clusters.update(*cluster, weight * jump.gain, 0.0);
                }
            }
        }
    }

    /// Adds to the weight at risk of a cluster.
    fn change_weight(&mut self, cluster: usize, weight: f64) {
        if let Self::Clustered(clusters) = self {
            // Losses before entry do not count, those before leaving stay.
            let loss = clusters.loss;
            clusters.update(cluster, weight * loss, weight);
        }
    }

    fn variance(&self) -> f64 {
        match self {
            Self::Independent(variance) => *variance,
            Self::Clustered(clusters) => clusters.variance(),
        }
    }
}

impl Clusters {
    fn update(&mut self, cluster: usize, fixed: f64, weight: f64) {
        let (f, w) = (self.fixed[cluster], self.weight[cluster]);
        let (new_f, new_w) = (f + fixed, w + weight);
        self.sum_fixed_squared += new_f * new_f - f * f;
        self.sum_product += new_f * new_w - f * w;
        self.sum_weight_squared += new_w * new_w - w * w;
        self.fixed[cluster] = new_f;
        self.weight[cluster] = new_w;
    }

    fn variance(&self) -> f64 {
        // The sum over clusters of (f - L w)^2, multiplied out: three sums instead
        // of a visit to each.
        let square = self.sum_fixed_squared - 2.0 * self.loss * self.sum_product
            + self.loss * self.loss * self.sum_weight_squared;
        // Rounding may leave a little below zero.
        square.max(0.0)
    }
}
