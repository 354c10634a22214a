import ssl
import subprocess
import sys

from common.platform.trust import authorities


def test_they_are_read_once_and_demand_a_certificate_of_the_right_host():
    found = authorities()
    assert found is authorities()
    assert found.verify_mode == ssl.CERT_REQUIRED
    assert found.check_hostname
    assert found.cert_store_stats()["x509_ca"] > 50


def test_a_company_may_name_its_own(tmp_path):
    """As its proxies need it; read by a process of its own, for this one has read others already."""
    named = tmp_path / "none.pem"
    named.write_text("", encoding="utf-8")
    environment = {"SSL_CERT_FILE": str(named), "PYTHONPATH": "."}
    code = "from common.platform.trust import authorities; authorities()"
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    assert "SSLError" in done.stderr or "no certificate" in done.stderr.lower()
