from django.db import migrations

from zhixing.base.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]
    operations = [AppendOnly("people_recordreading")]
