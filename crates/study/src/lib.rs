//! The values that pass between the stages of a study: tables, the cleaning
//! log, the flow, findings and curves. They are data, never text, and they
//! know nothing of files, kinds or pages.

mod account;
mod blocks;
mod changes;
mod claim;
mod curve;
mod difference;
mod effects;
mod exhibit;
mod figure;
mod finding;
mod flow;
mod forensics;
mod incidence;
mod lineage;
mod log;
mod look;
mod natural;
mod output;
mod patients;
mod print;
pub mod printed;
mod rounding;
mod scores;
mod settings;
mod span;
pub mod sql;
mod table;
mod value_range;
mod words;

pub use account::{Account, Alone, Cause, Covariate, Cut, Groups, Outcome, Practice, Scale};
pub use blocks::{in_blocks, side_by_side};
pub use changes::{Changes, Deed, DeedId};
pub use claim::{Claim, ClaimUnit, Comparison, Recomputed, Verdict};
pub use curve::{Counts, CurveRow, GroupCurve, HAIR, Stretch, SurvivalCurves};
pub use difference::{Changed, Difference, Flip, Reading, Tolerance, differences};
pub use effects::{ChangingEffect, ChangingEffects, EffectPoint, EffectRow};
pub use exhibit::{Body, Drawing, Exhibit, Numbers, Paragraph, ParagraphRole};
pub use figure::{Drawable, FigureData, Figures, Histogram, Histograms};
pub use finding::{
    Address, Adjustment, Arrangements, BrierOf, CensoringWeights, Clusters, CohortReading,
    ConcordanceKind, Counted, Detail, Distribution, DrawnNumber, Errors, ExposureTime, Finding,
    FineGrayVariant, InteractionPlace, IntervalKind, Method, Number, Part, Predictor, Procedure,
    Quantity, RangeEnd, RankSumForm, Refusal, Role, ScoreWeighting, SplineForm, Spread,
    Standardized, State, SubgroupModel, TakenFor, Test, Tested, Ties, TimeTransform, Tipping,
    Variance, Warning, Weighting, Withheld, slug,
};
pub use flow::FlowStep;
pub use forensics::{
    About, Check, Clue, Examination, Examined, Lack, Published, PublishedTest, Standing, Subgroup,
};
pub use incidence::{IncidenceCounts, IncidenceCurves, IncidenceGroup, IncidenceStep};
pub use lineage::{DateId, Late, Lineage, Moment, RawColumn};
pub use log::{Action, Change, Problem, TakenAs, Unknown};
pub use look::{code_point, composed, hidden, is_invisible, revealed, unseen_difference};
pub use natural::natural_order;
pub use output::Output;
pub use patients::{
    ChangePoint, CourseBar, CourseMark, MissingPattern, MissingPatterns, PatientChange,
    PatientChanges, PatientCourse, PatientCourses, Strip,
};
pub use print::{FigureSettings, FileFormat, Journal, PrintRule};
pub use rounding::rounded;
pub use scores::{ScoreClass, ScoreGroup, ScoreHistogram};
pub use settings::{AtRisk, DataStatus, Design, Privacy, PrivacyTier, StudySettings, TimeUnit};
pub use span::{Span, SpanError};
pub use sql::{Condition, Derived, SqlError, SqlReading, UnknownRows, iso_date};
pub use table::{
    Access, Column, ColumnType, Known, Lazy, Level, Origin, Reads, Rows, Table, Texts, Values,
};
pub use value_range::{NoRange, ValueRange};
pub use words::{capitalised, in_sentence, in_unit, numbered, unit_of};
