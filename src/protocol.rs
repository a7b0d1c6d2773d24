//! What is said: the vocabulary of the specifications, without input or output.

pub mod signing_alg;
