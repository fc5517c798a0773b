package io.muster.auth.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.muster.auth.spi.EnhancedAuthenticator.Step;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EnhancedAuthenticatorTest {

    private static final AuthResult DENIED = AuthResult.deny(DenyReason.BAD_CREDENTIALS, "wrong");

    @Test
    void aChallengeDoesNotChangeWithTheArrayItWasMadeOf() {
        byte[] data = {1, 2, 3};
        Step.Continue step = new Step.Continue(data);

        data[0] = 9;
        step.data()[1] = 9;

        assertThat(step.data()).containsExactly(1, 2, 3);
    }

    @Test
    void theLastDataDoNotChangeWithTheArrayTheyWereMadeOf() {
        byte[] data = {1, 2, 3};
        Step.Finished step = new Step.Finished(DENIED, Optional.of(data));

        data[0] = 9;
        step.data().orElseThrow()[1] = 9;

        assertThat(step.data().orElseThrow()).containsExactly(1, 2, 3);
    }

    @Test
    @SuppressWarnings("NullAway") // a plug-in compiled without it may do just this
    void refusesAnEndWithoutAnAnswer() {
        assertThatNullPointerException()
                .isThrownBy(() -> new Step.Finished(null, Optional.empty()))
                .withMessage("result");
        assertThatNullPointerException().isThrownBy(() -> new Step.Continue(null));
    }
}
