//! What several kinds share: each against R, what they say, what they refuse.
//! Tests of one kind alone stand beside it.

mod against_r;
mod behaviour;
mod boundaries;
mod cox_kinds_against_r;
mod cox_kinds_behaviour;
mod cox_kinds_mistakes;
mod curves_against_r;
mod curves_behaviour;
mod groups_of_numbers;
mod immortal_time;
mod mistakes;
mod narrowed;
mod nothing_learnt;
mod risks_against_r;
mod risks_edges;
mod row_order;
mod rows_against_r;
mod single_patients;
