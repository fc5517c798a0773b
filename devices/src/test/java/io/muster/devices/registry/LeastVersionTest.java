package io.muster.devices.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.devices.Device;
import io.muster.devices.details.UnwrittenState;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(TestDatabase.class)
class LeastVersionTest {

    private static final Instant NOW = Instant.ofEpochMilli(1_700_000_000_123L);

    private final TestDatabase kind;

    LeastVersionTest(TestDatabase kind) {
        this.kind = kind;
    }

    private static DeviceRegistry at(RegistryDatabase database, long millis) {
        return new DeviceRegistry(database, Clock.fixed(NOW.plusMillis(millis), ZoneOffset.UTC));
    }

    /** A crash may have destroyed a state that was told, with a version from just before. */
    @Test
    void noStateIsOlderThanTheStart(@TempDir Path folder) throws IOException {
        try (RegistryDatabase database = kind.open(folder)) {
            DeviceRegistry before = at(database, 0);
            before.products().create(Optional.of("pk1"), settings -> settings);
            Device left = before.createDevice("pk1", Optional.of("left"));
            Device ahead = at(database, 5_000).createDevice("pk1", Optional.of("ahead"));
            DeviceRegistry later = at(database, 1_000);
            Device raised = left.withVersion(NOW.toEpochMilli() + 1_000);

            assertThat(later.takeAllOffline()).isZero();

            assertThat(later.listDevices("pk1", "", 10)).containsExactly(ahead, raised);
            assertThat(later.listStates(Optional.empty(), 10))
                    .containsEntry(raised.id(), raised.state())
                    .containsEntry(ahead.id(), ahead.state());
            Device next = left.withVersion(NOW.toEpochMilli() + 1_001);
            assertThat(later.writeStates(List.of(UnwrittenState.of(next)))).isEqualTo(1);
            assertThat(later.findDevice(left.id())).contains(next);
        }
    }
}
