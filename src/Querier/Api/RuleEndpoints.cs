using Deucalion.Common.Labels;

namespace Deucalion.Querier.Api;

/// <summary>What clients ask of rules, alerts and targets, answered for a server that has none: Grafana's data source wants an answer.</summary>
internal static class RuleEndpoints
{
    /// <summary><c>/rules</c></summary>
    public static ValueTask Rules(ApiCall call)
    {
        var type = call.Parameters.Get("type");
        if (type is not ("" or "alert" or "record"))
        {
            throw ApiException.InvalidParameter("type", $"not supported value {LabelText.Quote(type)}");
        }

        call.Output.Raw("{\"groups\":[]}"u8);
        return default;
    }

    /// <summary><c>/alerts</c></summary>
    public static ValueTask Alerts(ApiCall call)
    {
        call.Output.Raw("{\"alerts\":[]}"u8);
        return default;
    }

    /// <summary><c>/alertmanagers</c></summary>
    public static ValueTask Alertmanagers(ApiCall call)
    {
        call.Output.Raw("{\"activeAlertmanagers\":[],\"droppedAlertmanagers\":[]}"u8);
        return default;
    }

    /// <summary><c>/targets</c></summary>
    public static ValueTask Targets(ApiCall call)
    {
        call.Output.Raw("{\"activeTargets\":[],\"droppedTargets\":[],\"droppedTargetCounts\":{}}"u8);
        return default;
    }

    /// <summary><c>/scrape_pools</c></summary>
    public static ValueTask ScrapePools(ApiCall call)
    {
        call.Output.Raw("{\"scrapePools\":[]}"u8);
        return default;
    }

    /// <summary><c>/notifications</c></summary>
    public static ValueTask Notifications(ApiCall call)
    {
        call.Output.Raw("[]"u8);
        return default;
    }
}
