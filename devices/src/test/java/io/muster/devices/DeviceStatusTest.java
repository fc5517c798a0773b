package io.muster.devices;

import static io.muster.devices.DeviceStatus.DISABLED;
import static io.muster.devices.DeviceStatus.INACTIVE;
import static io.muster.devices.DeviceStatus.OFFLINE;
import static io.muster.devices.DeviceStatus.ONLINE;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeviceStatusTest {

    /** The whole table: status, whether it was ever activated, and the status after each event. */
    @ParameterizedTest
    @CsvSource({
        // from, activated, SIGNED_IN, CONNECTION_LOST, IDLED, DISABLED, ENABLED
        "INACTIVE, false, ONLINE,   INACTIVE, INACTIVE, DISABLED, INACTIVE",
        "INACTIVE, true,  ONLINE,   INACTIVE, INACTIVE, DISABLED, INACTIVE",
        "ONLINE,   false, ONLINE,   OFFLINE,  OFFLINE,  DISABLED, ONLINE",
        "ONLINE,   true,  ONLINE,   OFFLINE,  OFFLINE,  DISABLED, ONLINE",
        "OFFLINE,  false, ONLINE,   OFFLINE,  OFFLINE,  DISABLED, OFFLINE",
        "OFFLINE,  true,  ONLINE,   OFFLINE,  OFFLINE,  DISABLED, OFFLINE",
        "DISABLED, false, DISABLED, DISABLED, DISABLED, DISABLED, INACTIVE",
        "DISABLED, true,  DISABLED, DISABLED, DISABLED, DISABLED, OFFLINE",
    })
    void followsTheTable(
            DeviceStatus from,
            boolean activated,
            DeviceStatus signedIn,
            DeviceStatus connectionLost,
            DeviceStatus idled,
            DeviceStatus disabled,
            DeviceStatus enabled) {
        assertThat(from.next(DeviceEvent.SIGNED_IN, activated)).isEqualTo(signedIn);
        assertThat(from.next(DeviceEvent.CONNECTION_LOST, activated)).isEqualTo(connectionLost);
        assertThat(from.next(DeviceEvent.IDLED, activated)).isEqualTo(idled);
        assertThat(from.next(DeviceEvent.DISABLED, activated)).isEqualTo(disabled);
        assertThat(from.next(DeviceEvent.ENABLED, activated)).isEqualTo(enabled);
    }

    /**
     * Two independent flags, as the device protocol reference (section 7) tells it: enabled or not,
     * and inactive, online or offline; "disabled" is what is shown while the first is off.
     */
    private static final class NaiveDevice {
        private boolean enabled = true;
        private boolean activated;
        private boolean online;

        void happens(DeviceEvent event) {
            switch (event) {
                case SIGNED_IN -> {
                    online = enabled;
                    activated |= enabled;
                }
                case CONNECTION_LOST, IDLED -> online = false;
                case DISABLED -> {
                    enabled = false;
                    online = false;
                }
                case ENABLED -> enabled = true;
            }
        }

        DeviceStatus shown() {
            if (!enabled) {
                return DISABLED;
            }
            if (online) {
                return ONLINE;
            }
            return activated ? OFFLINE : INACTIVE;
        }
    }

    @Property
    void showsWhatTwoFlagsWouldShowAfterAnyEvents(@ForAll List<DeviceEvent> events) {
        NaiveDevice naive = new NaiveDevice();
        DeviceStatus status = INACTIVE;
        boolean activated = false;
        for (DeviceEvent event : events) {
            naive.happens(event);
            status = status.next(event, activated);
            activated |= status == ONLINE;
            assertThat(status).isEqualTo(naive.shown());
        }
    }
}
