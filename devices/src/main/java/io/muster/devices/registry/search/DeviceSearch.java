package io.muster.devices.registry.search;

import io.muster.devices.DeviceId;
import io.muster.devices.DeviceStatus;
import io.muster.devices.details.DeviceDetails;
import io.muster.devices.details.DeviceRecord;
import io.muster.devices.registry.DeviceValues;
import java.util.List;
import java.util.Optional;

/**
 * Which devices are looked for: those that are all of what is given. Prefixes are compared
 * character by character, so capital and small letters differ.
 *
 * @param productKey of which product; empty for all
 * @param status as the registry knows it
 * @param keyPrefix how their keys begin; empty for all
 * @param namePrefix how their names begin; empty for all, also those without a name
 * @param tags which tags they have, at most {@link #TAGS_MAX}; that of the fewest devices is best
 *     named first
 */
public record DeviceSearch(
        Optional<String> productKey,
        Optional<DeviceStatus> status,
        String keyPrefix,
        String namePrefix,
        List<Tag> tags) {

    /** How many tags can be asked for. */
    public static final int TAGS_MAX = 5;

    /** All devices. */
    public static final DeviceSearch ALL =
            new DeviceSearch(Optional.empty(), Optional.empty(), "", "", List.of());

    /**
     * A tag with its value.
     *
     * @param name of the tag
     * @param value the whole of it
     */
    public record Tag(String name, String value) {}

    /**
     * Checks all of it.
     *
     * @throws IllegalArgumentException naming what is wrong and what is allowed
     */
    public DeviceSearch {
        productKey.ifPresent(DeviceId::requireProductKey);
        if (!keyPrefix.isEmpty() && !DeviceId.isDeviceKey(keyPrefix)) {
            throw new IllegalArgumentException(
                    "keyPrefix '" + keyPrefix + "' is not 1 to 64 letters, digits and _ - . : @ &");
        }
        if (!namePrefix.isEmpty()) {
            DeviceDetails.requireName(namePrefix);
        }
        if (tags.size() > TAGS_MAX) {
            throw new IllegalArgumentException(
                    tags.size() + " tags are more than " + TAGS_MAX + ", the most that can be");
        }
        tags.forEach(tag -> DeviceValues.Kind.TAG.require(tag.name(), tag.value()));
        tags = List.copyOf(tags);
    }

    /** The same among the devices of one product. */
    public DeviceSearch in(String product) {
        return new DeviceSearch(Optional.of(product), status, keyPrefix, namePrefix, tags);
    }

    /** What {@code after} would be to go on behind a device that was found. */
    public String position(DeviceRecord found) {
        DeviceId id = found.device().id();
        String name = namePrefix.isEmpty() ? "" : found.details().name().orElse("");
        return new Position(id.productKey(), id.deviceKey(), name).text(this);
    }
}
