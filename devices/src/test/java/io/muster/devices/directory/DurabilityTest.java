package io.muster.devices.directory;

import static io.muster.devices.directory.DirectoryFixture.NEVER;
import static io.muster.devices.directory.DirectoryFixture.joined;
import static io.muster.devices.directory.DirectoryFixture.settings;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.devices.Device;
import io.muster.devices.DeviceId;
import io.muster.devices.DeviceStatus;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A process is killed (SIGKILL) right after it was told that something is done. */
class DurabilityTest {

    private final Path folder;

    DurabilityTest(@TempDir Path folder) {
        this.folder = folder;
    }

    /** The process that is killed. */
    static final class Victim {

        private Victim() {}

        public static void main(String[] arguments) throws IOException, InterruptedException {
            DirectoryFixture fixture = new DirectoryFixture(Path.of(arguments[0]), settings(NEVER));
            DeviceId created = fixture.device("created");
            DeviceId disabled = fixture.device("disabled");
            DeviceId enabled = fixture.device("enabled");
            joined(fixture.signIn(enabled));
            joined(fixture.directory.disable(enabled).durable());
            joined(fixture.directory.enable(enabled));
            joined(fixture.signIn(disabled));
            joined(fixture.directory.disable(disabled).durable());
            System.out.println("secret " + fixture.now(created).secret().reveal());
            Thread.currentThread().join();
        }
    }

    @Test
    @Timeout(value = 2, unit = TimeUnit.MINUTES)
    void keepsWhatWasAnsweredWhenTheProcessIsKilled() throws Exception {
        Process victim =
                new ProcessBuilder(
                                ProcessHandle.current().info().command().orElseThrow(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                Victim.class.getName(),
                                folder.toString())
                        .redirectErrorStream(true)
                        .start();
        String secret = "";
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(victim.getInputStream(), UTF_8))) {
            String line = output.readLine();
            while (line != null && !line.startsWith("secret ")) {
                line = output.readLine();
            }
            secret = String.valueOf(line).substring("secret ".length());
        } finally {
            victim.destroyForcibly();
        }
        assertThat(victim.waitFor()).as("killed by signal 9").isEqualTo(128 + 9);

        try (DirectoryFixture restarted = new DirectoryFixture(folder, settings(NEVER))) {
            Device created = restarted.now(new DeviceId("pk1", "created"));
            assertThat(created.secret().reveal()).isEqualTo(secret);
            assertThat(created.status()).isEqualTo(DeviceStatus.INACTIVE);
            assertThat(restarted.now(new DeviceId("pk1", "disabled")).status())
                    .isEqualTo(DeviceStatus.DISABLED);
            assertThat(restarted.now(new DeviceId("pk1", "enabled")).status())
                    .isEqualTo(DeviceStatus.OFFLINE);
        }
    }
}
