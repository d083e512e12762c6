namespace Deucalion.Node.Security;

/// <summary>Whose data a route is about.</summary>
internal enum RouteScope
{
    /// <summary>Nobody's: no credentials are asked for.</summary>
    Open,

    /// <summary>One tenant's, which the request names.</summary>
    Tenant,

    /// <summary>The whole node's: the credentials must be good for all tenants.</summary>
    Node,

    /// <summary>As <see cref="Node"/>, unless auth.metrics opens it.</summary>
    Metrics,
}
