package io.muster.devices.registry.search;

import io.muster.devices.registry.Rows;
import io.muster.devices.registry.search.DeviceSearch.Tag;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How the database goes through the devices of one product. Confined to a thread.
 *
 * <p>One index leads: that of names if a name is asked for, else that of the first tag, else that
 * of states, else that of keys. Its order is that of the page, and its entries are read from the
 * position on, never more than a given number. What it cannot decide is looked at for each of them,
 * and told in the column {@code matches}: so the work of a statement is bounded, whatever is asked
 * for. An index is given one lower bound only, as SQLite would go by either of two.
 */
final class SearchPlan {

    /** As many characters of a tag's value as the index has. */
    private static final int TAG_INDEXED = 64;

    private final DeviceSearch search;
    private final Position from;
    private final Map<String, Object> arguments = new LinkedHashMap<>();
    private final List<String> leading = new ArrayList<>();
    private final List<String> others = new ArrayList<>();

    private SearchPlan(DeviceSearch search, Position from) {
        this.search = search;
        this.from = from;
        arguments.put("product", from.productKey());
    }

    /**
     * A statement with its arguments.
     *
     * @param sql has the argument {@code limit} besides
     * @param isExact whether all rows match
     */
    record Statement(String sql, Map<String, Object> arguments, boolean isExact) {}

    /** Looks for devices of the position's product behind it. */
    static Statement of(DeviceSearch search, Position from) {
        SearchPlan plan = new SearchPlan(search, from);
        String sql =
                !search.namePrefix().isEmpty()
                        ? plan.byName()
                        : search.tags().isEmpty() ? plan.byKey() : plan.byTag();
        return new Statement(sql, Map.copyOf(plan.arguments), plan.others.isEmpty());
    }

    private String byName() {
        arguments.put("nameEnd", Prefix.end(search.namePrefix()));
        leading.add("d.name < :nameEnd");
        if (from.deviceKey().isEmpty()) {
            arguments.put("nameBegin", search.namePrefix());
            leading.add("d.name >= :nameBegin");
        } else {
            arguments.put("nameBegin", from.name());
            arguments.put("keyBegin", from.deviceKey());
            leading.add("(d.name, d.device_key) > (:nameBegin, :keyBegin)");
        }
        if (!search.keyPrefix().isEmpty()) {
            arguments.put("prefix", search.keyPrefix());
            arguments.put("keyEnd", Prefix.end(search.keyPrefix()));
            others.add("d.device_key >= :prefix AND d.device_key < :keyEnd");
        }
        status(others);
        tags(search.tags());
        return devices("d.product_key, d.name, d.device_key");
    }

    private String byKey() {
        status(leading);
        keys("d.device_key");
        return devices("d.product_key, d.device_key");
    }

    private String devices(String order) {
        return """
        SELECT d.*, %s AS matches FROM device d
        WHERE d.product_key = :product AND %s
        ORDER BY %s LIMIT :limit
        """
                .formatted(matches(), String.join(" AND ", leading), order);
    }

    private String byTag() {
        keys("v.device_key");
        Tag tag = search.tags().get(0);
        arguments.put("tag", tag.name());
        arguments.put("value", beginning(tag.value()));
        if (tag.value().length() >= TAG_INDEXED) {
            arguments.put("wholeValue", tag.value());
            others.add("tagged.value = :wholeValue");
        }
        status(others);
        tags(search.tags().subList(1, search.tags().size()));
        return """
        SELECT d.*, %s AS matches FROM (
          SELECT v.device_key, v.value FROM device_value v
          WHERE v.product_key = :product AND v.kind = 1 AND v.name = :tag
            AND substr(v.value, 1, 64) = :value AND %s
          ORDER BY v.device_key LIMIT :limit) tagged
        JOIN device d ON d.product_key = :product AND d.device_key = tagged.device_key
        ORDER BY d.device_key
        """
                .formatted(matches(), String.join(" AND ", leading));
    }

    /** The database counts characters, not halves of pairs. */
    private static String beginning(String value) {
        int characters = Math.min(TAG_INDEXED, value.codePointCount(0, value.length()));
        return value.substring(0, value.offsetByCodePoints(0, characters));
    }

    private void keys(String column) {
        boolean isBehind = from.deviceKey().compareTo(search.keyPrefix()) >= 0;
        boolean isFirst = from.deviceKey().isEmpty() || !isBehind;
        arguments.put("keyBegin", isFirst ? search.keyPrefix() : from.deviceKey());
        leading.add(column + (isFirst ? " >= :keyBegin" : " > :keyBegin"));
        if (!search.keyPrefix().isEmpty()) {
            arguments.put("keyEnd", Prefix.end(search.keyPrefix()));
            leading.add(column + " < :keyEnd");
        }
    }

    private void status(List<String> conditions) {
        search.status()
                .ifPresent(
                        status -> {
                            arguments.put("status", Rows.code(status));
                            conditions.add("d.status = :status");
                        });
    }

    private void tags(List<Tag> tags) {
        for (int i = 0; i < tags.size(); i++) {
            arguments.put("tag" + i, tags.get(i).name());
            arguments.put("value" + i, tags.get(i).value());
            others.add(
                    """
                    EXISTS (SELECT 1 FROM device_value t
                      WHERE t.product_key = d.product_key AND t.device_key = d.device_key
                        AND t.kind = 1 AND t.name = :tag%d AND t.value = :value%d)\
                    """
                            .formatted(i, i));
        }
    }

    private String matches() {
        return others.isEmpty()
                ? "1"
                : "CASE WHEN " + String.join(" AND ", others) + " THEN 1 ELSE 0 END";
    }
}
