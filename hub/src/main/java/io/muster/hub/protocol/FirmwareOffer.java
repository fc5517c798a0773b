package io.muster.hub.protocol;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.muster.devices.registry.firmware.Firmware;

/** How devices are told of a firmware, whether they ask or are asked to take it. */
public final class FirmwareOffer {

    private FirmwareOffer() {}

    /** The firmware with the names that the protocol has for all of it. */
    public static ObjectNode of(Firmware firmware) {
        return Envelope.object()
                .put("version", firmware.version())
                .put("signMethod", firmware.signMethod())
                .put("sign", firmware.sign())
                .put("fileUrl", firmware.url())
                .put("fileSize", firmware.size());
    }
}
