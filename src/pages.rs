//! What people see: one file a page, holding what the page is told and how it is asked for.

pub mod consent;
pub mod index;
pub mod language;
pub mod login;
pub mod logout;
pub mod navigate;
