//! Records put together from their columns, as Dremel takes them apart.

use super::leaf::Leaf;
use crate::json::{List, Value};
use parquet::basic::{ConvertedType, LogicalType, Repetition};
use parquet::errors::Result;
use parquet::schema::types::Type;
use std::borrow::Cow;

/// Values in one record; more are counted and let go.
const VALUES: usize = 1_000_000;

/// A field of the schema.
#[derive(Debug)]
pub(crate) enum Node {
    Leaf(usize),
    Group {
        /// Definition level at which it is there.
        def: i16,
        first: usize,
        fields: Vec<(String, Node)>,
    },
    List {
        def: i16,
        /// Definition level at which it has an element, and repetition level of the next.
        element_def: i16,
        rep: i16,
        first: usize,
        element: Box<Node>,
    },
    /// A list of keys and values.
    Map {
        entries: Box<Node>,
    },
}

pub(crate) fn root(schema: &Type) -> Node {
    let mut leaves = 0;
    Node::Group {
        def: 0,
        first: 0,
        fields: fields(schema, 0, 0, &mut leaves),
    }
}

fn fields(group: &Type, def: i16, rep: i16, leaves: &mut usize) -> Vec<(String, Node)> {
    group
        .get_fields()
        .iter()
        .map(|field| (field.name().to_owned(), node(field, def, rep, leaves)))
        .collect()
}

fn repetition(field: &Type) -> Repetition {
    let info = field.get_basic_info();
    if info.has_repetition() {
        info.repetition()
    } else {
        Repetition::REQUIRED
    }
}

fn node(field: &Type, def: i16, rep: i16, leaves: &mut usize) -> Node {
    match repetition(field) {
        Repetition::REPEATED => Node::List {
            def,
            element_def: def + 1,
            rep: rep + 1,
            first: *leaves,
            element: Box::new(inner(field, def + 1, rep + 1, leaves)),
        },
        Repetition::OPTIONAL => inner(field, def + 1, rep, leaves),
        Repetition::REQUIRED => inner(field, def, rep, leaves),
    }
}

/// The field without its own repetition.
fn inner(field: &Type, def: i16, rep: i16, leaves: &mut usize) -> Node {
    if field.is_primitive() {
        *leaves += 1;
        return Node::Leaf(*leaves - 1);
    }
    let info = field.get_basic_info();
    let annotated = |logical: &LogicalType, converted: &[ConvertedType]| {
        info.logical_type_ref() == Some(logical) || converted.contains(&info.converted_type())
    };
    let list = annotated(&LogicalType::List, &[ConvertedType::LIST]);
    let map = annotated(
        &LogicalType::Map,
        &[ConvertedType::MAP, ConvertedType::MAP_KEY_VALUE],
    );
    let only = match field.get_fields() {
        [only] if repetition(only) == Repetition::REPEATED => Some(only),
        _ => None,
    };
    let first = *leaves;
    match only {
        Some(repeated) if list => {
            let wrapped = !repeated.is_primitive()
                && repeated.get_fields().len() == 1
                && repeated.name() != "array"
                && repeated.name() != format!("{}_tuple", field.name());
            let element = match repeated.get_fields_of_group().first() {
                Some(element) if wrapped => node(element, def + 1, rep + 1, leaves),
                _ => inner(repeated, def + 1, rep + 1, leaves),
            };
            Node::List {
                def,
                element_def: def + 1,
                rep: rep + 1,
                first,
                element: Box::new(element),
            }
        }
        Some(repeated) if map && !repeated.is_primitive() => Node::Map {
            entries: Box::new(Node::List {
                def,
                element_def: def + 1,
                rep: rep + 1,
                first,
                element: Box::new(inner(repeated, def + 1, rep + 1, leaves)),
            }),
        },
        _ => Node::Group {
            def,
            first,
            fields: fields(field, def, rep, leaves),
        },
    }
}

trait Fields {
    fn get_fields_of_group(&self) -> &[parquet::schema::types::TypePtr];
}

impl Fields for Type {
    /// None of a primitive type, where the library panics.
    fn get_fields_of_group(&self) -> &[parquet::schema::types::TypePtr] {
        if self.is_group() {
            self.get_fields()
        } else {
            &[]
        }
    }
}

impl Node {
    /// How many columns stand below.
    fn leaves(&self) -> usize {
        match self {
            Self::Leaf(_) => 1,
            Self::Group { fields, .. } => fields.iter().map(|(_, node)| node.leaves()).sum(),
            Self::List { element, .. } => element.leaves(),
            Self::Map { entries } => entries.leaves(),
        }
    }

    pub fn record<'n>(&'n self, leaves: &mut [Leaf]) -> Result<Value<'n>> {
        for leaf in leaves.iter_mut() {
            leaf.begin()?;
        }
        let mut room = VALUES;
        self.read(leaves, &mut room)
    }

    fn read<'n>(&'n self, leaves: &mut [Leaf], room: &mut usize) -> Result<Value<'n>> {
        *room = room.saturating_sub(1);
        match self {
            Self::Leaf(at) => match leaves.get_mut(*at) {
                Some(leaf) => leaf.take(),
                None => Ok(Value::Null),
            },
            Self::Group { def, first, fields } => {
                let here = peek(leaves, *first)?;
                if here.is_some_and(|(level, _)| level < *def) {
                    self.skip(leaves, *first)?;
                    return Ok(Value::Null);
                }
                let mut members = Vec::with_capacity(fields.len());
                for (name, node) in fields {
                    members.push((Cow::Borrowed(name.as_str()), node.read(leaves, room)?));
                }
                Ok(Value::Object(members))
            }
            Self::List {
                def,
                element_def,
                rep,
                first,
                element,
            } => {
                let Some((level, _)) = peek(leaves, *first)? else {
                    return Ok(Value::Null);
                };
                if level < *element_def {
                    self.skip(leaves, *first)?;
                    return Ok(if level < *def {
                        Value::Null
                    } else {
                        Value::List(List::default())
                    });
                }
                let mut list = List::default();
                loop {
                    let value = element.read(leaves, room)?;
                    if *room > 0 {
                        list.items.push(value);
                    }
                    match peek(leaves, *first)? {
                        Some((_, next)) if next >= *rep => {}
                        _ => return Ok(Value::List(list)),
                    }
                }
            }
            Self::Map { entries } => Ok(map(entries.read(leaves, room)?)),
        }
    }

    fn skip(&self, leaves: &mut [Leaf], first: usize) -> Result<()> {
        for leaf in leaves.iter_mut().skip(first).take(self.leaves()) {
            leaf.take()?;
        }
        Ok(())
    }
}

fn peek(leaves: &mut [Leaf], at: usize) -> Result<Option<(i16, i16)>> {
    leaves.get_mut(at).map_or(Ok(None), Leaf::peek)
}

/// Entries with a key and a value become the members of an object.
fn map(entries: Value<'_>) -> Value<'_> {
    let Value::List(list) = entries else {
        return entries;
    };
    let mut members = Vec::with_capacity(list.items.len());
    for entry in list.items {
        let Value::Object(pair) = entry else { continue };
        let mut pair = pair.into_iter().map(|(_, value)| value);
        let key = match pair.next() {
            Some(Value::Text(key) | Value::Number(key)) => key,
            Some(other) => {
                let mut text = String::new();
                other.write(&mut text);
                Cow::Owned(text)
            }
            None => continue,
        };
        members.push((key, pair.next().unwrap_or(Value::Null)));
    }
    Value::Object(members)
}
