package io.muster.devices.registry.search;

/**
 * Where a page ended, and the next one begins. Written as {@code productKey/deviceKey/name}; the
 * name is left out if the devices come in the order of their keys, and the product key if all are
 * of one product.
 *
 * @param productKey of the last device
 * @param deviceKey of the last device; empty before the first of its product
 * @param name of the last device; empty if names do not matter
 */
record Position(String productKey, String deviceKey, String name) {

    /** Before the first device of a product. */
    static Position before(String productKey) {
        return new Position(productKey, "", "");
    }

    /** What {@link #text} wrote; what else a client sends is a position, too. */
    static Position parse(DeviceSearch search, String text) {
        if (text.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("after has control characters");
        }
        if (search.productKey().isPresent()) {
            String[] parts = text.split("/", 2);
            return new Position(
                    search.productKey().get(), parts[0], parts.length > 1 ? parts[1] : "");
        }
        String[] parts = text.split("/", 3);
        return new Position(
                parts[0], parts.length > 1 ? parts[1] : "", parts.length > 2 ? parts[2] : "");
    }

    String text(DeviceSearch search) {
        String ofProduct = name.isEmpty() ? deviceKey : deviceKey + "/" + name;
        return search.productKey().isPresent() ? ofProduct : productKey + "/" + ofProduct;
    }
}
