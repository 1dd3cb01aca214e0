//! What the palette offers, and by which words it is found.

use super::find::{distance, fold};
use ::api::session::Theme;
use i18n::{I18nLocaleTrait, Locale, locale_name, td_string};
use ui::IconName;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    Dashboard,
    Upload,
    History,
    Tables,
    Quality,
    Sources,
    Theme(Theme),
    Language(Locale),
    Sidebar,
    Shortcuts,
    SignOut,
}

impl Command {
    /// All, in the order in which they are offered before anything is typed.
    pub fn all() -> Vec<Self> {
        let mut all = vec![
            Self::Dashboard,
            Self::Upload,
            Self::History,
            Self::Tables,
            Self::Quality,
            Self::Sources,
        ];
        all.extend(Theme::ALL.map(Self::Theme));
        all.extend(Locale::get_all().iter().copied().map(Self::Language));
        all.extend([Self::Sidebar, Self::Shortcuts, Self::SignOut]);
        all
    }

    /// The path of a page.
    pub fn path(self) -> Option<&'static str> {
        Some(match self {
            Self::Dashboard => "/",
            Self::Upload => "/uploads/new",
            Self::History => "/uploads",
            Self::Tables => "/tables",
            Self::Quality => "/quality",
            Self::Sources => "/sources",
            _ => return None,
        })
    }

    pub fn icon(self) -> IconName {
        match self {
            Self::Dashboard => IconName::Dashboard,
            Self::Upload => IconName::Upload,
            Self::History => IconName::History,
            Self::Tables => IconName::Table,
            Self::Quality => IconName::CheckCircle,
            Self::Sources => IconName::Inbox,
            Self::Theme(Theme::Light) => IconName::Sun,
            Self::Theme(Theme::Dark) => IconName::Moon,
            Self::Theme(Theme::System) => IconName::Monitor,
            Self::Language(_) => IconName::Globe,
            Self::Sidebar => IconName::Panel,
            Self::Shortcuts => IconName::Help,
            Self::SignOut => IconName::SignOut,
        }
    }

    pub fn label(self, locale: Locale) -> String {
        let one_of = |what: &str, which: &str| format!("{what}: {which}");
        let theme = td_string!(locale, common.theme.label);
        match self {
            Self::Dashboard => td_string!(locale, shell.nav_dashboard).to_string(),
            Self::Upload => td_string!(locale, shell.nav_upload).to_string(),
            Self::History => td_string!(locale, shell.nav_history).to_string(),
            Self::Tables => td_string!(locale, shell.nav_tables).to_string(),
            Self::Quality => td_string!(locale, shell.nav_quality).to_string(),
            Self::Sources => td_string!(locale, shell.nav_sources).to_string(),
            Self::Theme(Theme::Light) => one_of(theme, td_string!(locale, common.theme.light)),
            Self::Theme(Theme::Dark) => one_of(theme, td_string!(locale, common.theme.dark)),
            Self::Theme(Theme::System) => one_of(theme, td_string!(locale, common.theme.system)),
            Self::Language(other) => {
                one_of(td_string!(locale, common.language), locale_name(other))
            }
            Self::Sidebar => td_string!(locale, commands.sidebar).to_string(),
            Self::Shortcuts => td_string!(locale, commands.shortcuts).to_string(),
            Self::SignOut => td_string!(locale, session.sign_out).to_string(),
        }
    }

    /// Other words for it.
    fn words(self, locale: Locale) -> &'static str {
        match self {
            Self::Dashboard => td_string!(locale, commands.words.dashboard),
            Self::Upload => td_string!(locale, commands.words.upload),
            Self::History => td_string!(locale, commands.words.history),
            Self::Tables => td_string!(locale, commands.words.tables),
            Self::Quality => td_string!(locale, commands.words.quality),
            Self::Sources => td_string!(locale, commands.words.sources),
            Self::Theme(Theme::Light) => td_string!(locale, commands.words.light),
            Self::Theme(Theme::Dark) => td_string!(locale, commands.words.dark),
            Self::Theme(Theme::System) => td_string!(locale, commands.words.system),
            Self::Language(Locale::en) => td_string!(locale, commands.words.english),
            Self::Language(Locale::zh) => td_string!(locale, commands.words.chinese),
            Self::Language(Locale::es) => td_string!(locale, commands.words.spanish),
            Self::Language(Locale::ar) => td_string!(locale, commands.words.arabic),
            Self::Sidebar => td_string!(locale, commands.words.sidebar),
            Self::Shortcuts => td_string!(locale, commands.words.shortcuts),
            Self::SignOut => td_string!(locale, commands.words.sign_out),
        }
    }

    /// Its names and other words for it in every language: who reads one may think in another.
    fn terms(self) -> String {
        let said = Locale::get_all()
            .iter()
            .map(|locale| format!("{} {}", self.label(*locale), self.words(*locale)));
        fold(&said.collect::<Vec<_>>().join(" "))
    }
}

/// What `query` may mean, the likeliest first; what is as likely, in the order of [`Command::all`].
pub fn found(query: &str, locale: Locale) -> Vec<Command> {
    let mut found: Vec<(u32, Command)> = Command::all()
        .into_iter()
        .filter_map(|command| {
            // What one reads comes before what it is called elsewhere.
            let own = distance(query, &fold(&command.label(locale))).map(|far| far * 2);
            let any = distance(query, &command.terms()).map(|far| far * 2 + 1);
            Some((own.into_iter().chain(any).min()?, command))
        })
        .collect();
    found.sort_by_key(|(far, _)| *far);
    found.into_iter().map(|(_, command)| command).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(query: &str, locale: Locale) -> Option<Command> {
        found(query, locale).first().copied()
    }

    #[test]
    fn before_anything_is_typed_everything_is_offered() {
        assert_eq!(found("", Locale::en), Command::all());
        assert_eq!(found("  ", Locale::ar), Command::all());
        assert!(found("zzzzzz", Locale::en).is_empty());
    }

    #[test]
    fn a_name_finds_its_own_in_every_language() {
        for locale in Locale::get_all() {
            for command in Command::all() {
                let label = command.label(*locale);
                assert_eq!(first(&label, *locale), Some(command), "{label}");
            }
        }
    }

    #[test]
    fn other_words_and_typing_errors_find_it_too() {
        for (query, command) in [
            ("home", Command::Dashboard),
            ("imprt", Command::Upload),
            ("csv", Command::Upload),
            ("rules", Command::Quality),
            ("logout", Command::SignOut),
            ("night", Command::Theme(Theme::Dark)),
            ("drak", Command::Theme(Theme::Dark)),
            ("keyboard", Command::Shortcuts),
            ("subir", Command::Upload),
            ("reglas", Command::Quality),
            ("salir", Command::SignOut),
            ("ingles", Command::Language(Locale::en)),
            ("导入", Command::Upload),
            ("首页", Command::Dashboard),
            ("退出", Command::SignOut),
            ("英语", Command::Language(Locale::en)),
            ("استيراد", Command::Upload),
            ("الرئيسية", Command::Dashboard),
            ("خروج", Command::SignOut),
            ("عربية", Command::Language(Locale::ar)),
        ] {
            for locale in Locale::get_all() {
                assert_eq!(first(query, *locale), Some(command), "{query}");
            }
        }
    }
}
