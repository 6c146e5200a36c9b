//! Reads markup back as a reader's program would.

/// Checks that tags open and close in order and every attribute is quoted; gives the text between.
pub(crate) fn read_markup(markup: &str) -> Result<String, String> {
    let (mut rest, mut open, mut text) = (markup, Vec::new(), String::new());
    while let Some(start) = rest.find('<') {
        text.push_str(&rest[..start]);
        let end = rest[start..].find('>').ok_or("a tag without end")? + start;
        let tag = &rest[start + 1..end];
        rest = &rest[end + 1..];
        if tag.contains('<') || tag.matches('"').count() % 2 == 1 {
            return Err(format!("broken tag <{tag}>"));
        }
        let name = tag
            .trim_start_matches('/')
            .split([' ', '\n', '/'])
            .next()
            .unwrap_or_default()
            .to_owned();
        if let Some(closed) = tag.strip_prefix('/') {
            if open.pop().as_deref() != Some(closed) {
                return Err(format!("</{closed}> closes nothing"));
            }
        } else if !tag.ends_with('/') && !matches!(name.as_str(), "!DOCTYPE" | "meta") {
            open.push(name);
        }
    }
    text.push_str(rest);
    if open.is_empty() {
        Ok(text)
    } else {
        Err(format!("left open: {open:?}"))
    }
}
