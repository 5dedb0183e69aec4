//! Which slot of params shows which shape or landmark. A name keeps its slot as long as it can, whatever order a document has.

use shapes::Document;

/// Names by slot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names(Vec<String>);

impl Names {
    /// From the lines that a project keeps; slots of names that a document has besides are the next free ones, up to
    /// `most`.
    pub fn new<'n>(lines: &str, in_document: impl Iterator<Item = &'n str> + Clone, most: usize) -> Self {
        let mut names: Vec<String> = lines.lines().take(most).map(str::to_owned).collect();
        for name in in_document.clone() {
            if names.iter().any(|n| n == name) {
                continue;
            }
            if names.len() < most {
                names.push(name.to_owned());
            } else if let Some(free) = names.iter().position(|n| in_document.clone().all(|d| d != n)) {
                name.clone_into(&mut names[free]);
            }
        }
        Names(names)
    }

    /// The slot of a name.
    pub fn slot(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|n| n == name)
    }

    /// The name of a slot.
    pub fn name(&self, slot: usize) -> Option<&str> {
        self.0.get(slot).map(String::as_str)
    }

    /// As a project keeps them.
    pub fn lines(&self) -> String {
        self.0.join("\n")
    }
}

/// A document's landmarks.
pub fn landmarks(document: &Document) -> impl Iterator<Item = &str> + Clone {
    document.tracks.iter().map(|t| t.name.as_str())
}

/// A document's shapes.
pub fn shapes(document: &Document) -> impl Iterator<Item = &str> + Clone {
    document.shapes.iter().map(|s| s.name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_their_slots() {
        let names = Names::new("", ["b", "d"].into_iter(), 4);
        let more = Names::new(&names.lines(), ["a", "b", "c", "d"].into_iter(), 4);
        assert_eq!(more.lines(), "b\nd\na\nc");
        assert_eq!((more.slot("c"), more.name(1), more.slot("x")), (Some(3), Some("d"), None));
    }

    #[test]
    fn full_slots_go_to_names_in_use() {
        let names = Names::new("a\nb", ["b", "c", "d"].into_iter(), 2);
        assert_eq!(names.lines(), "c\nb");
        assert_eq!(Names::new("a\nb", std::iter::empty(), 1).lines(), "a");
    }
}
