package io.muster.hub.sdk;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Tests against one hub, each with a device of its own. The classes run one after the other. */
public abstract class AgainstHub {

    /** Of the class that runs. */
    protected static SdkHub hub;

    /** New, and not signed in. */
    protected String device;

    @BeforeAll
    static void start(@TempDir Path folder) {
        hub = SdkHub.start(folder);
    }

    @AfterAll
    static void stop() {
        hub.close();
    }

    @BeforeEach
    void createDevice() {
        device = hub.createDevice();
    }
}
