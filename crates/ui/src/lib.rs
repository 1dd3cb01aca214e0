//! The design system: every control, card, table and chart of the interface, on what the browser
//! itself offers (`<dialog>`, Popover, `<details>`, real tables and forms).
//!
//! Invariants:
//! - Everything is readable and every form works before, and without, WebAssembly.
//! - No clock, no randomness, no `Intl`: the server and the browser render the same.
//! - Colours and sizes live in `style/`; here are only class names. No style attributes (CSP).
//! - Nothing here knows a page or calls the server.

#![recursion_limit = "512"]

mod button;
mod card;
mod chart;
mod choice;
mod date_range;
mod dialog;
mod drop_zone;
mod feedback;
mod field;
mod follow;
mod frame;
mod gallery;
mod icon;
mod kpi;
mod menu;
mod navigate;
mod progress;
mod query_form;
mod table;
mod text;
mod toast;
mod tone;

pub use button::{Button, ButtonKind, IconButton, LinkButton, Size};
pub use card::{Badge, Card, CardGrid, Fact, FactList, Figure};
pub use chart::{Chart, ChartPoint};
pub use choice::{Checkbox, Choice, ChoiceGroup, Select, SelectOption};
pub use date_range::DateRangePicker;
pub use dialog::Dialog;
pub use drop_zone::DropZone;
pub use feedback::{Banner, EmptyKind, EmptyState, ErrorState};
pub use field::{Field, FormError, PasswordInput, TextInput, described_by};
pub use frame::{
    AuthFrame, BottomBar, Frame, NavGroup, NavItem, PageHeader, Sidebar, SidebarToggle, SkipLink,
    TopBar,
};
pub use gallery::{Gallery, GalleryChart};
pub use icon::{Icon, IconName};
pub use kpi::{ChangeTag, Delta, KpiCard};
pub use menu::{Menu, MenuButton, MenuHeading, MenuLink, MenuSeparator};
pub use navigate::{Pagination, Step, StepState, Stepper, TabLink, Tabs};
pub use progress::{Progress, Skeleton, SkeletonCard, SkeletonChart, SkeletonTable};
pub use query_form::QueryForm;
pub use table::{Align, Cell, Column, DataTable, Row, Sort, SortHref};
pub use toast::{Toast, ToastRegion, Toasts, provide_toasts, use_toasts};
pub use tone::Tone;
