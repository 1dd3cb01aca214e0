/// What a colour means. Colour never says it alone: an icon, a sign or a word goes with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tone {
    #[default]
    Neutral,
    Accent,
    Good,
    Warn,
    Bad,
}

impl Tone {
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Neutral => "tone-neutral",
            Self::Accent => "tone-accent",
            Self::Good => "tone-good",
            Self::Warn => "tone-warn",
            Self::Bad => "tone-bad",
        }
    }

    pub(crate) fn icon(self) -> crate::IconName {
        match self {
            Self::Neutral | Self::Accent => crate::IconName::Info,
            Self::Good => crate::IconName::CheckCircle,
            Self::Warn => crate::IconName::Warning,
            Self::Bad => crate::IconName::Problem,
        }
    }
}
