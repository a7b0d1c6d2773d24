//! What people see: one file a page, holding what the page is told and how it is asked for.

pub mod consent;
pub mod error;
pub mod form_post;
pub mod index;
pub mod login;
pub mod logout;
pub mod navigate;
