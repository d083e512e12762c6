using Deucalion.Common.Tenants;
using Deucalion.Ingester;
using Deucalion.Node.Security;

namespace Deucalion.Node.Http;

/// <summary>
/// <c>DELETE /api/v1/admin/tenants/{tenant}</c>: everything that was stored of a tenant goes. Answers 200 once that is so in all partitions, 404 where nothing is known
/// of the tenant, 503 naming the partitions that are not known to have done it. Answers have the shape of Prometheus's API.
/// </summary>
internal static class TenantDeletionEndpoint
{
    private static readonly string[] Prefixes = ["", "/prometheus"];

    /// <summary>Maps the endpoint.</summary>
    /// <param name="endpoints">Where to.</param>
    /// <param name="ingester">The ingester; null on a node that is none.</param>
    public static void MapTenantDeletion(this IEndpointRouteBuilder endpoints, IngesterModule? ingester)
    {
        foreach (var prefix in Prefixes)
        {
            endpoints.MapDelete($"{prefix}/api/v1/admin/tenants/{{tenant}}", context => DeleteAsync(context, ingester));
        }
    }

    private static async Task DeleteAsync(HttpContext context, IngesterModule? ingester)
    {
        if (!TenantId.TryParse(context.Request.RouteValues["tenant"] as string ?? string.Empty, out var tenant, out var error))
        {
            await ApiAnswer.FailAsync(context, StatusCodes.Status400BadRequest, "bad_data", error);
            return;
        }

        if (ingester is null)
        {
            await ApiAnswer.FailAsync(context, StatusCodes.Status503ServiceUnavailable, "unavailable", "this node has no partitions: ask one with the role ingester");
            return;
        }

        var answer = await ingester.DeleteTenantAsync(tenant, AccessGate.CallerOf(context), context.RequestAborted);
        if (answer.Failure is { } failure)
        {
            await ApiAnswer.FailAsync(
                context,
                StatusCodes.Status503ServiceUnavailable,
                "unavailable",
                $"{failure}. Repeat the request until it succeeds: that is safe, but it also deletes what was sent since");
        }
        else if (!answer.WasKnown)
        {
            await ApiAnswer.FailAsync(context, StatusCodes.Status404NotFound, "not_found", $"there is no tenant {tenant}: nothing is stored of it, and nothing is known to have been");
        }
        else
        {
            var data = new { tenant = tenant.Value, series = answer.Series, blocks = answer.Blocks, bytes = answer.Bytes, partitions = answer.Partitions };
            await ApiAnswer.SucceedAsync(context, data);
        }
    }
}
