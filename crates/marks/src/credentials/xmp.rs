//! A statement as an XMP packet (ISO 16684-1), with the property by which IPTC tells what a trained model made.
//!
//! Other programs show `Iptc4xmpExt:DigitalSourceType` and `AISystemUsed` (IPTC Photo Metadata 2025.1); the rest is in a namespace of our
//! own. Read are packets as they are written here, attributes or elements; a program that writes XMP in another form
//! loses the signature, and the finding is then an unsigned statement.

use super::statement::{Content, SOURCE_TYPE, Signed, Statement};
use crate::hex;

const SOURCE: &str = "Iptc4xmpExt:DigitalSourceType";
const MODEL: &str = "Iptc4xmpExt:AISystemUsed";
const PROGRAM: &str = "xmp:CreatorTool";
const DIGEST: &str = "ressac:PixelsSha256";
const KEY: &str = "ressac:PublicKey";
const SIGNATURE: &str = "ressac:Signature";

/// The packet of a signed statement.
pub(super) fn written(signed: &Signed) -> String {
    let values = [
        (SOURCE, SOURCE_TYPE.to_owned()),
        (MODEL, escaped(&signed.statement.model)),
        (PROGRAM, escaped(&signed.statement.program)),
        (DIGEST, hex::encoded(signed.statement.content.digest())),
        (KEY, hex::encoded(&signed.public_key)),
        (SIGNATURE, hex::encoded(&signed.signature)),
    ];
    let attributes = values.map(|(name, value)| format!("\n    {name}=\"{value}\""));
    format!(
        "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n\
         <x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n \
         <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n  \
         <rdf:Description rdf:about=\"\"\n    \
         xmlns:Iptc4xmpExt=\"http://iptc.org/std/Iptc4xmpExt/2008-02-29/\"\n    \
         xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\"\n    \
         xmlns:ressac=\"urn:ressac:marks:1\"{}/>\n \
         </rdf:RDF>\n</x:xmpmeta>\n<?xpacket end=\"r\"?>",
        attributes.concat()
    )
}

/// What a packet says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Packet {
    /// Nothing of what made the image.
    Silent,
    /// That a trained model did.
    Unsigned,
    Signed(Box<Signed>),
}

pub(super) fn read(packet: &str) -> Packet {
    let signed = || {
        let statement = Statement {
            model: unescaped(value(packet, MODEL)?),
            program: unescaped(value(packet, PROGRAM)?),
            content: Content::Pixels(hex::decoded(value(packet, DIGEST)?)?),
        };
        Some(Signed {
            statement,
            public_key: hex::decoded(value(packet, KEY)?)?,
            signature: hex::decoded(value(packet, SIGNATURE)?)?,
        })
    };
    match (value(packet, SOURCE) == Some(SOURCE_TYPE), signed()) {
        (false, _) => Packet::Silent,
        (true, None) => Packet::Unsigned,
        (true, Some(signed)) => Packet::Signed(Box::new(signed)),
    }
}

/// The text of an attribute or element, escaped as it stands.
fn value<'a>(packet: &'a str, name: &str) -> Option<&'a str> {
    packet.match_indices(name).find_map(|(at, _)| {
        let before = packet[..at].chars().next_back()?;
        let rest = &packet[at + name.len()..];
        match (before, rest.chars().next()?) {
            ('<', '>') => rest[1..].split_once("</").map(|(value, _)| value),
            (space, '=') if space.is_whitespace() => {
                let quote = rest[1..]
                    .chars()
                    .next()
                    .filter(|c| matches!(c, '"' | '\''))?;
                rest[2..].split_once(quote).map(|(value, _)| value)
            }
            _ => None,
        }
    })
}

const ENTITIES: [(&str, &str); 5] = [
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&quot;", "\""),
    ("&apos;", "'"),
    // Last, so that what it gives is not read again.
    ("&amp;", "&"),
];

fn escaped(text: &str) -> String {
    let entities = ENTITIES.iter().rev();
    entities.fold(text.to_owned(), |text, (entity, plain)| {
        text.replace(plain, entity)
    })
}

fn unescaped(text: &str) -> String {
    let entities = ENTITIES.iter();
    entities.fold(text.to_owned(), |text, (entity, plain)| {
        text.replace(entity, plain)
    })
}
