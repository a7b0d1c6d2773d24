//! What people see: one file a page, holding what the page is told and how it is asked for.

pub mod account;
pub mod accounts;
mod answer;
pub mod app_logo;
pub mod consent;
pub mod device;
pub mod error_docs;
pub mod index;
pub mod login;
pub mod logout;
