//! The header `traceparent` ([Trace Context §3.2](https://www.w3.org/TR/trace-context/#traceparent-header)).

use std::str::FromStr;

/// The trace that a request belongs to, and the span that sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceParent {
    /// The trace. Not zero.
    pub trace_id: u128,
    /// The span of the caller. Not zero.
    pub parent_id: u64,
    /// Whether the caller may have recorded its span.
    pub is_sampled: bool,
}

/// The text is not a `traceparent`. The request then begins a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidTraceParent;

impl FromStr for TraceParent {
    type Err = InvalidTraceParent;

    fn from_str(text: &str) -> Result<Self, InvalidTraceParent> {
        let mut parts = text.split('-');
        let mut part = |length| parts.next().filter(|part| is_hexadecimal(part, length)).ok_or(InvalidTraceParent);
        let (version, trace_id, parent_id, flags) = (part(2)?, part(32)?, part(16)?, part(2)?);
        // Later versions may have further parts.
        if version == "ff" || (version == "00" && parts.next().is_some()) {
            return Err(InvalidTraceParent);
        }
        let trace_id = u128::from_str_radix(trace_id, 16).map_err(|_| InvalidTraceParent)?;
        let parent_id = u64::from_str_radix(parent_id, 16).map_err(|_| InvalidTraceParent)?;
        let flags = u8::from_str_radix(flags, 16).map_err(|_| InvalidTraceParent)?;
        if trace_id == 0 || parent_id == 0 {
            return Err(InvalidTraceParent);
        }
        Ok(Self { trace_id, parent_id, is_sampled: flags & 1 == 1 })
    }
}

fn is_hexadecimal(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", Some(true))]
    #[case("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00", Some(false))]
    #[case::other_flags("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-02", Some(false))]
    #[case::later_version("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-follows", Some(true))]
    #[case::invalid_version("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", None)]
    #[case::further_part("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-00", None)]
    #[case::zero_trace("00-00000000000000000000000000000000-00f067aa0ba902b7-01", None)]
    #[case::zero_parent("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", None)]
    #[case::upper_case("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", None)]
    #[case::sign("00-+bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", None)]
    #[case::short("00-4bf92f35-00f067aa0ba902b7-01", None)]
    #[case::no_flags("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7", None)]
    #[case::empty("", None)]
    fn header_is_read_as_specified(#[case] text: &str, #[case] is_sampled: Option<bool>) {
        let expected = is_sampled.map(|is_sampled| TraceParent {
            trace_id: 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736,
            parent_id: 0x00f0_67aa_0ba9_02b7,
            is_sampled,
        });
        assert_eq!(text.parse().ok(), expected);
    }
}
