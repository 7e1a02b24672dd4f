"""First names."""

from attn_core.corpus.lexicon.words import listed

WOMEN = listed(
    """Marie, Julie, Sophie, Anne, Claire, Hélène, Isabelle, Nathalie, Sylvie, Catherine, Martine, Christine,
    Monique, Nicole, Jeanne, Louise, Alice, Emma, Léa, Chloé, Manon, Sarah, Laura, Lucie, Mathilde, Juliette,
    Charlotte, Pauline, Margot, Inès, Eva, Élise, Agnès, Brigitte, Céline, Delphine, Émilie, Florence,
    Gabrielle, Irène, Jacqueline, Laetitia, Madeleine, Nadia, Odile, Patricia, Rosalie, Sandrine, Thérèse,
    Valérie, Yvonne, Zoé, Aurélie, Béatrice, Caroline, Diane, Élodie, Fanny, Justine, Marion, Noémie, Solène"""
)
MEN = listed(
    """Paul, Pierre, Jean, Jacques, Michel, Philippe, Alain, Bernard, Nicolas, Christophe, Patrick, Daniel,
    Laurent, Olivier, Julien, Thomas, Alexandre, Antoine, Guillaume, François, Marc, Luc, Mathieu, Lucas, Louis,
    Arthur, Jules, Adam, Victor, Simon, Samuel, Gabriel, Raphaël, Nathan, Théo, Maxime, Benjamin, Quentin,
    Romain, Vincent, Xavier, Yves, Gérard, Georges, André, Marcel, Roger, René, Robert, Émile, Étienne, Denis,
    Fabrice, Gilles, Édouard, Didier, Lucien, Martin, Noël, Pascal, Sébastien, Thierry"""
)
