//! The few words of the gallery that no page has yet, so that every language and direction is seen.

use i18n::Locale;

macro_rules! said {
    ($($name:ident: $en:literal, $zh:literal, $es:literal, $ar:literal;)*) => {
        $(pub fn $name(locale: Locale) -> &'static str {
            match locale {
                Locale::en => $en,
                Locale::zh => $zh,
                Locale::es => $es,
                Locale::ar => $ar,
            }
        })*
    };
}

said! {
    dashboard: "Dashboard", "仪表盘", "Panel", "لوحة المعلومات";
    history: "Uploads", "上传记录", "Subidas", "عمليات الرفع";
    net_sales: "Net sales", "净销售额", "Ventas netas", "صافي المبيعات";
    orders: "Orders", "订单", "Pedidos", "الطلبات";
    average: "Average order value", "平均订单金额", "Valor medio del pedido", "متوسط قيمة الطلب";
    refunds: "Refund rate", "退款率", "Tasa de reembolso", "معدل الاسترداد";
    new_customers: "New customers", "新客户", "Clientes nuevos", "عملاء جدد";
    formula: "Gross sales less discounts and refunds, without tax and shipping.", "总销售额减去折扣和退款，不含税和运费。", "Ventas brutas menos descuentos y reembolsos, sin impuestos ni envío.", "إجمالي المبيعات ناقص الخصومات والمبالغ المستردة، دون الضرائب والشحن.";
    through: "Data through", "数据截至", "Datos hasta", "البيانات حتى";
    product: "Product", "商品", "Producto", "المنتج";
    state: "State", "状态", "Estado", "الحالة";
    done: "Done", "完成", "Listo", "مكتمل";
    running: "Importing", "导入中", "Importando", "قيد الاستيراد";
    failed: "Failed", "失败", "Fallido", "فشل";
    email: "E-mail", "电子邮箱", "Correo electrónico", "البريد الإلكتروني";
    email_hint: "We send no advertising.", "我们不发送广告。", "No enviamos publicidad.", "لا نرسل إعلانات.";
    email_error: "Write an address like ana@example.com.", "请填写类似 ana@example.com 的地址。", "Escribe una dirección como ana@example.com.", "اكتب عنوانًا مثل ana@example.com.";
    password: "Password", "密码", "Contraseña", "كلمة المرور";
    remember: "Stay signed in", "保持登录", "Mantener la sesión", "إبقاء تسجيل الدخول";
    dates: "How are the dates written?", "日期的书写方式？", "¿Cómo están escritas las fechas?", "كيف كُتبت التواريخ؟";
    day_first: "Day first", "日在前", "Primero el día", "اليوم أولًا";
    month_first: "Month first", "月在前", "Primero el mes", "الشهر أولًا";
    notice: "12 of 1,204 rows were left out. Their dates could not be read.", "1,204 行中有 12 行被跳过，日期无法识别。", "Se omitieron 12 de 1204 filas. No se pudieron leer sus fechas.", "تم تخطي 12 من 1,204 صفًا لأن تواريخها غير مقروءة.";
}
