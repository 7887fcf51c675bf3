from django.db import migrations

from zhixing.base.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("obligations", "0001_initial")]
    operations = [AppendOnly("obligations_entry"), AppendOnly("obligations_policy")]
