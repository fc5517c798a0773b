package io.muster.auth.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import org.junit.jupiter.api.Test;

class AuthResultTest {

    @Test
    void theDetailOfARefusalIsFitForOneLineOfALog() {
        AuthResult.Deny deny =
                (AuthResult.Deny)
                        AuthResult.deny(
                                DenyReason.BAD_CREDENTIALS,
                                "user 'x\nINFO admin signed in'" + "y".repeat(1_000));

        assertThat(deny.detail()).startsWith("user 'x\\u{a}INFO").hasSizeLessThan(250);
        assertThat(deny.reason()).isEqualTo(DenyReason.BAD_CREDENTIALS);
    }

    @Test
    void theDetailOfARefusalCannotEndTheQuotationMarksAroundIt() {
        AuthResult.Deny deny =
                (AuthResult.Deny)
                        AuthResult.deny(DenyReason.BAD_CREDENTIALS, "no x\" client=\"admin\\");

        assertThat(deny.detail()).isEqualTo("no x\\u{22} client=\\u{22}admin\\u{5c}");
    }

    @Test
    void abstainingIsAlwaysTheSameAnswer() {
        assertThat(AuthResult.abstain())
                .isEqualTo(AuthResult.abstain())
                .isInstanceOf(AuthResult.Abstain.class);
    }

    @Test
    @SuppressWarnings("NullAway") // a plug-in may be compiled without null checks
    void refusesAnAnswerWithoutContent() {
        assertThatNullPointerException().isThrownBy(() -> AuthResult.accept(null));
        assertThatNullPointerException().isThrownBy(() -> AuthResult.deny(null, "why"));
    }
}
