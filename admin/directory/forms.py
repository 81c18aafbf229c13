"""Forms of the directory."""

from __future__ import annotations

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, DateField, IntegerField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from admin.accounts.forms import as_id
from admin.directory.changes import OfficeForm as OfficeCommand
from portal.web.fields import options

KIND_WORDS = {"bureau": "医疗保障行政部门", "agency": "医疗保障经办机构", "discipline": "纪检监察机构"}
LEVEL_WORDS = {"nation": "国家", "province": "省级", "city": "市级", "county": "区县级"}


class OfficeForm(FlaskForm):
    """An office."""

    code = StringField("单位代码", [InputRequired("请填写单位代码。"), Length(max=40)])
    name = StringField("名称", [InputRequired("请填写名称。"), Length(max=120)])
    name_en = StringField("英文名称", [Length(max=160)])
    kind = SelectField("类型", choices=options(KIND_WORDS.items()))
    level = SelectField("层级", choices=options(LEVEL_WORDS.items()))
    region = StringField("行政区划代码", [InputRequired("请填写六位行政区划代码。"), Length(min=6, max=6)])
    superior = SelectField("上级单位")
    contact = StringField("联系方式", [Length(max=400)])
    active = BooleanField("正在使用", default=True)

    def to_command(self) -> OfficeCommand:
        """What was typed, as the verb takes it."""
        texts = [
            " ".join(str(field.data or "").split())
            for field in (self.code, self.name, self.name_en, self.kind, self.level, self.region)
        ]
        code, name, name_en, kind, level, region = texts
        contact = str(self.contact.data or "").strip()
        superior = as_id(self.superior.data or "")
        return OfficeCommand(code, name, name_en, kind, level, region, superior, contact, bool(self.active.data))


class ImportForm(FlaskForm):
    """A register of designated institutions."""

    file = FileField("名册文件", [FileRequired("请选择文件。")])
    whole = BooleanField("这是完整的名册：文件里没有的机构以后不再提示")


class SettingForm(FlaskForm):
    """A region's own value for a rule that the law leaves open."""

    rule = SelectField("规则")
    region = StringField("行政区划代码（空着表示全部地区）", [Length(max=6)])
    amount = IntegerField("期限", [InputRequired("请填写数字。")])
    unit = SelectField("单位", choices=options([("WD", "工作日"), ("D", "自然日"), ("month", "个月")]))
    basis = StringField("依据", [InputRequired("请填写依据，例如文件名称和文号。"), Length(max=300)])
    since = DateField("自哪一天起", [InputRequired("请填写日期。")])


class WorkdayForm(FlaskForm):
    """A day set apart from the calendar."""

    day = DateField("日期", [InputRequired("请填写日期。")])
    working = RadioField("这一天", choices=options([("yes", "上班"), ("no", "不上班")]), default="no")
    basis = StringField("依据", [InputRequired("请填写依据，例如放假通知的文号。"), Length(max=200)])
