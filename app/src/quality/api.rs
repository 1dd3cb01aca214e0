use api::{
    ApiError, Json,
    quality::{RuleForm, Rules},
};
use leptos::prelude::*;

#[server(name = ReadRules, endpoint = "quality/rules", input = Json, output = Json)]
pub async fn rules() -> Result<Rules, ApiError> {
    let on = crate::entry::enter("quality/rules")?;
    let found = native::quality::rules(&on.backend, &on.ctx).await;
    let may_change = native::may_change(&on);
    on.answer(found, |found| native::rules(found, may_change))
}

/// Adds a rule, or changes the one of this id.
#[server(name = SaveRule, endpoint = "quality/save", output = Json)]
pub async fn save(#[server(default)] id: String, rule: RuleForm) -> Result<(), ApiError> {
    let on = crate::entry::enter("quality/save")?;
    let saved = native::save(&on, &id, &rule).await;
    on.answer(saved, |()| ())
}

#[server(name = SwitchRule, endpoint = "quality/switch", output = Json)]
pub async fn switch(id: String, enabled: bool) -> Result<(), ApiError> {
    let on = crate::entry::enter("quality/switch")?;
    let switched = native::switch(&on, &id, enabled).await;
    on.answer(switched, |()| ())
}

#[server(name = RemoveRule, endpoint = "quality/remove", output = Json)]
pub async fn remove(id: String) -> Result<(), ApiError> {
    let on = crate::entry::enter("quality/remove")?;
    let removed = native::remove(&on, &id).await;
    on.answer(removed, |()| ())
}

#[cfg(not(target_arch = "wasm32"))]
mod native;
