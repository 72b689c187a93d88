//! Pipeline file, plan, store, lock and run.
