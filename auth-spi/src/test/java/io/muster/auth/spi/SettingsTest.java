package io.muster.auth.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Map;
import org.junit.jupiter.api.Test;

class SettingsTest {

    private final AuthenticatorProvider.Settings settings =
            new AuthenticatorProvider.Settings(
                    "staff", Map.of("url", "ldap://x", "password", "hunter2"));

    @Test
    void findsWhatIsThere() {
        assertThat(settings.find("url")).contains("ldap://x");
        assertThat(settings.find("port")).isEmpty();
        assertThat(settings.require("url")).isEqualTo("ldap://x");
    }

    @Test
    void namesTheEntryAndTheKeyThatIsMissing() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> settings.require("port"))
                .withMessage("authenticator 'staff' needs the setting 'port'");
    }

    @Test
    void namesASettingThatNobodyKnows() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> settings.requireOnly("uri", "password"))
                .withMessage("authenticator 'staff' has no setting 'url', only [uri, password]");
        assertThatCode(() -> settings.requireOnly("url", "password", "port"))
                .doesNotThrowAnyException();
    }

    @Test
    void printsNamesButNoValues() {
        assertThat(settings.toString())
                .contains("staff", "url", "password")
                .doesNotContain("hunter2");
    }
}
