"""What a person clicks: the review board, the claims, the matrix of hypotheses, the map."""
